import { hasErrorCode, type Log } from '@camstream/core';
import type { JpegUnit } from '../unit/unit.js';
import { encodeJpeg } from './jpeg-encoder.js';

/** A frame of a stream's ring, rgb24, as @camstream/consumer hands it out. */
export interface RawFrame {
  readonly width: number;
  readonly height: number;
  readonly sequence: number;
  readonly capturedAtNs: bigint;
  readonly publishedAtNs: bigint;
  /** Holds the bytes, whatever becomes of the frame, until the promise settles. */
  lend<T>(use: (bytes: Uint8Array) => Promise<T>): Promise<T>;
  /** The bytes are still those of this frame. */
  isIntact(): boolean;
}

/** From where to where one stream's pictures go. */
export interface EncodeLoop {
  readonly name: string;
  readonly frames: AsyncIterable<RawFrame>;
  readonly quality: number;
  /** Since when somebody wants pictures; undefined while nobody does. */
  readonly wantedSinceNs: () => bigint | undefined;
  readonly publish: (unit: JpegUnit) => void;
  readonly log: Log;
}

/** Encodes each frame that comes while somebody wants pictures, one at a time; ends with the frames. */
export async function runEncodeLoop(loop: EncodeLoop): Promise<void> {
  for await (const frame of loop.frames) {
    const since = loop.wantedSinceNs();
    // What was converted before anybody looked may be old.
    if (since === undefined || frame.publishedAtNs < since) continue;
    const { width, height, sequence, capturedAtNs } = frame;
    const data = await encoded(frame, loop.quality);
    if (data !== undefined) loop.publish({ codec: 'jpeg', data, width, height, sequence, capturedAtNs });
    else if (loop.wantedSinceNs() !== undefined) {
      loop.log.warn(
        { stream: loop.name, sequence },
        'a frame was overwritten while it was encoded; left out',
      );
    }
  }
}

/** The picture; undefined if its frame was overwritten meanwhile, or the ring closed. */
async function encoded(frame: RawFrame, quality: number): Promise<Buffer | undefined> {
  const { width, height } = frame;
  try {
    const data = await frame.lend((bytes) => encodeJpeg({ data: bytes, width, height }, quality));
    return frame.isIntact() ? data : undefined;
  } catch (error) {
    if (hasErrorCode(error, 'FRAME_OVERWRITTEN', 'FRAME_RELEASED')) return undefined;
    throw error;
  }
}
