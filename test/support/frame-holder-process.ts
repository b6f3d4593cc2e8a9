// Forked by frame-holder.ts: takes a frame of the ring named and holds it. A HolderOrder comes in as a
// message, a TakenFrame, 'slept' or a LookedAtFrame goes out.
import { createHash } from 'node:crypto';
import { connect, type Frame } from '@camstream/consumer';
import { hasErrorCode } from '@camstream/core';
import type { HolderOrder, LookedAtFrame, TakenFrame } from './frame-holder.js';

const reader = await connect(String(process.argv[2]), { timeoutMs: 60_000 });
let held: { readonly frame: Frame; readonly digest: string } | undefined;

process.on('message', async (order: HolderOrder) => {
  if (order.kind === 'take') process.send?.(await take());
  else if (order.kind === 'look') process.send?.(look());
  else {
    // As a model that takes so long does: the whole thread stands.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.ms);
    process.send?.('slept');
  }
});
process.send?.('ready');

async function take(): Promise<TakenFrame> {
  for (;;) {
    const frame = await reader.read({ timeoutMs: 60_000 });
    held = { frame, digest: digestOf(frame) };
    if (frame.isIntact()) return { sequence: frame.sequence, leased: frame.leased };
    frame.release();
  }
}

function look(): LookedAtFrame {
  if (!held) throw new Error('nothing was taken');
  const { frame, digest } = held;
  held = undefined;
  const looked = {
    same: digestOf(frame) === digest,
    intact: frame.isIntact(),
    copyError: copyErrorOf(frame),
  };
  frame.release();
  return looked;
}

const digestOf = ({ data }: Frame) => createHash('sha1').update(data).digest('hex');

function copyErrorOf(frame: Frame): string {
  try {
    frame.copy();
    return '';
  } catch (error) {
    if (hasErrorCode(error, 'FRAME_OVERWRITTEN')) return 'FRAME_OVERWRITTEN';
    throw error;
  }
}
