import type { ColourInfo } from '@camstream/core';

/** A frame of a stream's ring, as @camstream/consumer hands it out. */
export interface RawFrame {
  readonly width: number;
  readonly height: number;
  readonly sequence: number;
  /** Frames that were overtaken by this one. */
  readonly missed: number;
  /** Pictures that the camera lost right before it. */
  readonly droppedBefore: number;
  readonly capturedAtNs: bigint;
  readonly ring: { readonly colour: ColourInfo };
  /** Holds the bytes, whatever becomes of the frame, until the promise settles. */
  lend<T>(use: (bytes: Uint8Array) => Promise<T>, options: { readonly trusted: boolean }): Promise<T>;
  /** Bytes of one's own. */
  copy(): Buffer;
  /** The bytes are still those of this frame. */
  isIntact(): boolean;
  /** Gives it back; may be called twice. */
  release(): void;
}

/** Where an encoder's frames come from. */
export interface RawFrames {
  readonly info: { readonly rate: number };
  /** The newest each time, or each in turn. */
  frames(policy?: 'latest' | 'every'): AsyncIterator<RawFrame, undefined, undefined>;
  /** Ends frames(). */
  close(): void;
}
