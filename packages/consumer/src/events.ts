import type { CamstreamError, RingInfo } from '@camstream/core';

/** Why no frames come. */
export interface StallReason {
  /** `source`: the camera gives none. `heartbeat`: the producer is stopped. `producer`: there is none. */
  readonly reason: 'source' | 'heartbeat' | 'producer';
}

/** Frames that were overwritten before a loop of policy `every` came to them. */
export interface Gap {
  readonly missed: number;
  /** The frame that came after them. */
  readonly sequence: number;
}

/** Events of a RingReader. */
export interface RingReaderEvents {
  /** No frames for now; nothing needs to be done. */
  stalled: [StallReason];
  /** Frames come again. */
  recovered: [];
  /** Another producer, or the same with another format: sequence numbers start anew. */
  restarted: [RingInfo];
  gap: [Gap];
  /** After close(), or with the error that makes going on impossible. */
  closed: [CamstreamError | undefined];
}
