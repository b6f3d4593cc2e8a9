// Forked by picture-checker.ts: reads every frame of the ring named and checks each. A PictureRange comes
// in as a message, a CheckedRange goes out once it has been read to its end.
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { connect, type Frame } from '@camstream/consumer';
import { loadCameraAddon } from '@camstream/core';
import { checkPicture } from './picture-check.js';
import type { CheckedRange, PictureRange } from './picture-checker.js';

const addon = loadCameraAddon();
const reader = await connect(String(process.argv[2]), { timeoutMs: 60_000 });
const asked = once(process, 'message') as Promise<[PictureRange]>;
let range: PictureRange | undefined;
asked.then(([message]) => {
  range = message;
});

const seen: { readonly sequence: number; readonly leased: boolean }[] = [];
const wrong: string[] = [];
let overwritten = 0;
let before: number | undefined;
for await (const frame of reader.frames('every')) {
  look(frame);
  if (seen.length === 1) process.send?.('reading');
  if (range && frame.sequence >= range.last) break;
  await turn(); // a reader that is behind has its next frame at once, and must hear of the range nonetheless
}
reader.close();
process.send?.(resultOf(range as PictureRange));
process.disconnect();

function look(frame: Frame): void {
  const { painted, wrong: found } = checkPicture(addon, frame);
  // Without a lease a frame may change while it is looked at; it says so, and counts as not seen.
  if (!frame.isIntact()) {
    overwritten++;
    before = undefined;
    return;
  }
  seen.push({ sequence: frame.sequence, leased: frame.leased });
  if (found) wrong.push(`frame ${frame.sequence}: ${found}`);
  const lost = painted === undefined || before === undefined ? undefined : painted - before - 1;
  if (lost !== undefined && frame.missed === 0 && lost !== frame.droppedBefore)
    wrong.push(`frame ${frame.sequence}: the camera lost ${lost} before it, told ${frame.droppedBefore}`);
  before = painted;
}

function resultOf({ first, last }: PictureRange): CheckedRange {
  const inside = seen.filter(({ sequence }) => sequence >= first && sequence <= last);
  return {
    seen: new Set(inside.map(({ sequence }) => sequence)).size,
    leased: inside.filter(({ leased }) => leased).length,
    checked: seen.length,
    overwritten,
    wrong,
  };
}
