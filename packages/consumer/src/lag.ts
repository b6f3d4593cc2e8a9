import type { NativeRing } from '@camstream/core';

/** How far a reader is behind. */
export interface RingLag {
  /** Frames newer than the last one read. */
  readonly frames: number;
  /** Age of the ring's newest frame in ms; Infinity while there is none. */
  readonly newestAgeMs: number;
}

/** The lag of a reader that has read up to sequence `after`. */
export function ringLag(ring: NativeRing | undefined, after: number): RingLag {
  if (!ring) return { frames: 0, newestAgeMs: Number.POSITIVE_INFINITY };
  const { headSequence, headAgeNs } = ring.live();
  return {
    frames: Math.max(0, headSequence - after),
    newestAgeMs: headAgeNs < 0 ? Number.POSITIVE_INFINITY : headAgeNs / 1e6,
  };
}
