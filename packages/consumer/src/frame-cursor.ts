import { nativeCall } from '@camstream/core';
import { Frame } from './frame.js';
import type { FrameDuty } from './frame-leak-guard.js';
import type { FramePolicy } from './frame-policy.js';
import type { OpenRing } from './open-ring.js';

/** Where NativeRing.take() puts what; bytes used (5) are the length of the view. */
const taken = {
  id: 0,
  sequence: 1,
  capturedNs: 2,
  publishedNs: 3,
  flags: 4,
  droppedBefore: 6,
  leased: 7,
} as const;

/** Sums what rehearsals read, so that nothing takes them for useless. */
let rehearsed = 0;

/** How far one loop, or read(), has come in a ring and in those that follow it. */
export class FrameCursor {
  readonly policy: FramePolicy;
  /** Sequence of the last frame given, in its ring; 0: none yet. */
  after = 0;
  #ring: OpenRing | undefined;

  constructor(policy: FramePolicy) {
    this.policy = policy;
  }

  /** What the wait in `ring` is for: a frame newer than this. */
  afterIn(ring: OpenRing): number {
    return Math.max(ring.old, this.#ring?.info.ringId === ring.info.ringId ? this.after : 0);
  }

  /** The next frame in `ring`, if it is there. `duty` answers for it; without one it does so itself. */
  take(ring: OpenRing, duty: FrameDuty | undefined): Frame | undefined {
    const { native, meta } = ring;
    // A first frame is the newest there is; after a restart all that the new ring has is new.
    const every = this.policy === 'every' && this.#ring !== undefined;
    const after = this.afterIn(ring);
    if (!nativeCall(() => native.take(every, after))) return undefined;
    const sequence = Number(meta[taken.sequence]);
    const missed = this.#ring ? ring.framesBefore + sequence - (this.#ring.framesBefore + this.after) - 1 : 0;
    this.#ring = ring;
    this.after = sequence;
    return makeFrame(ring, sequence, missed, duty);
  }

  /**
   * Goes through all that the next frame will need, with the newest one there is: code and data are in the
   * processor's caches then. Only while nothing is held, for it takes a lease.
   */
  rehearse(ring: OpenRing): void {
    const { held, lingering } = ring.native.counts();
    if (held + lingering > 0 || !nativeCall(() => ring.native.take(false, 0))) return;
    const frame = makeFrame(ring, Number(ring.meta[taken.sequence]), 0, undefined);
    rehearsed = (rehearsed + (frame.data[0] ?? 0)) & 0xff;
    frame.release();
  }
}

function makeFrame(
  { native, meta, info, kept }: OpenRing,
  sequence: number,
  missed: number,
  duty: FrameDuty | undefined,
): Frame {
  return new Frame(
    info,
    { ring: native, id: meta[taken.id] as bigint, kept },
    {
      sequence,
      missed,
      capturedAtNs: meta[taken.capturedNs] as bigint,
      publishedAtNs: meta[taken.publishedNs] as bigint,
      flagBits: Number(meta[taken.flags]),
      droppedBefore: Number(meta[taken.droppedBefore]),
      leased: meta[taken.leased] === 1n,
    },
    duty,
  );
}
