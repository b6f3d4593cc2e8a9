import {
  CamstreamError,
  hasErrorCode,
  loadRingAddon,
  type NativeRing,
  nativeCall,
  type RingInfo,
  ringInfoOf,
  ringRoots,
} from '@camstream/core';
import type { KeptFrames } from './kept-frames.js';
import { isPaused, ringIsGone } from './ring-status.js';

/** A ring that is open, alive and understood. */
export interface OpenRing {
  readonly native: NativeRing;
  readonly info: RingInfo;
  /** What take() fills: see NativeRing. */
  readonly meta: BigUint64Array;
  /** Frames in the rings that this reader has read before this one. */
  readonly framesBefore: number;
  /** Frames up to this one are old: the ring was paused when it was opened. 0: none is. */
  readonly old: number;
  /** Frames of this reader that no loop has, of this ring and of those before it. */
  readonly kept: KeptFrames;
}

/** What a reader takes along from one ring to the next, or to the same one opened again. */
export interface Heritage extends Pick<OpenRing, 'framesBefore' | 'kept'> {
  /** The ring left last, and the frames it had by then. */
  readonly ringId: string;
  readonly frames: number;
}

/** Called when the frame is there that was armed for, or when the ring's status has changed. */
export type OnWake = (statusChanged: boolean) => void;

/**
 * Opens the ring of that name that has a living producer, looking through the roots in their order.
 * Undefined: there is none yet. Throws what waiting does not cure, RING_PERMISSION for instance. Anybody can
 * make a folder in a root's place where there is none: that is final only if no other root is left.
 */
export function openRing(name: string, onWake: OnWake, heritage: Heritage): OpenRing | undefined {
  const roots = ringRoots();
  let untrusted = 0;
  for (const root of roots) {
    try {
      const ring = openIn(root, name, onWake, heritage);
      if (ring) return ring;
    } catch (error) {
      if (!hasErrorCode(error, 'RING_ROOT_UNTRUSTED') || ++untrusted === roots.length) throw error;
    }
  }
  return undefined;
}

/** More than the eight values of take(): so small an array would lie in JavaScript's moving heap. */
const metaLength = 16;
const heartbeatStoppedNs = 1e9;

function openIn(root: string, name: string, onWake: OnWake, heritage: Heritage): OpenRing | undefined {
  const addon = loadRingAddon();
  const meta = new BigUint64Array(metaLength);
  let native: NativeRing;
  try {
    // Joining waits for the producer's answer: not for one that is stopped or dead.
    if (nativeCall(() => addon.inspectRing(root, name)).live.heartbeatAgeNs > heartbeatStoppedNs)
      return undefined;
    native = nativeCall(() => addon.openRing(root, name, { register: true }, meta, onWake));
  } catch (error) {
    if (hasErrorCode(error, 'RING_NOT_FOUND')) return undefined;
    throw error;
  }
  try {
    if (!ringIsGone(native.status())) {
      const info = ringInfoOf(native.info());
      const framesBefore = heritage.framesBefore + (heritage.ringId === info.ringId ? 0 : heritage.frames);
      const live = native.live();
      const old = isPaused(live) ? live.headSequence : 0;
      return { native, info, meta, framesBefore, old, kept: heritage.kept };
    }
  } catch (error) {
    native.close();
    throw error;
  }
  native.close();
  return undefined;
}

/** What opening threw, once it has been thrown again and again: a ring that is being made may look odd. */
export class OpenFailures {
  static readonly patience = 3;
  #count = 0;
  #last: unknown;

  /** What opening threw the last time; undefined if it has not. */
  get last(): unknown {
    return this.#last;
  }

  /** Rethrows `error` if it is here to stay. */
  note(error: unknown): void {
    this.#count += 1;
    this.#last = error;
    if (this.#count >= OpenFailures.patience || !(error instanceof CamstreamError)) throw error;
  }

  clear(): void {
    this.#count = 0;
    this.#last = undefined;
  }
}
