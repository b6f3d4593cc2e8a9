import { CamstreamError, hasErrorCode } from '@camstream/core';
import { BitReader } from '../codec/bit-reader.js';
import { splitByStartCode } from '../codec/h264-nal.js';
import type { H264Unit, UnitPicture } from '../unit/unit.js';
import { isSlice, PictureNals } from './picture-nals.js';

/** What a stream wants of a camera's own H.264. */
export interface CameraUnitsOptions {
  /** The camera is asked for a key frame where the last one is older than this, ms. */
  readonly keyIntervalMs: number;
  readonly requestKeyFrame: () => void;
}

/** How long a camera may leave viewers without a picture to begin with. */
const patienceNs = 5_000_000_000n;

/**
 * The access units of a camera (byte stream of ITU-T H.264, annex B, one a frame) as units. Begins with a
 * key frame whose parameter sets are known, and begins anew where one is lost: what follows refers to it.
 */
export class CameraUnits {
  private readonly pictures = new PictureNals();
  private wantsKeyFrame = true;
  private sinceNs: bigint | undefined;
  private lastKeyNs: bigint | undefined;
  private askedNs: bigint | undefined;

  constructor(private readonly options: CameraUnitsOptions) {}

  /**
   * The unit, or undefined for what cannot be shown. `lost`: pictures between it and the last one. Throws
   * CAMERA_H264 where the camera's H.264 can never be passed through.
   */
  take(data: Buffer, picture: UnitPicture, lost: number): H264Unit | undefined {
    const { capturedAtNs } = picture;
    if (lost > 0) this.wantsKeyFrame = true;
    this.sinceNs ??= capturedAtNs;
    const found = this.pictureOf(data);
    if (found !== undefined && (found.keyFrame || !this.wantsKeyFrame)) {
      this.wantsKeyFrame = false;
      this.sinceNs = capturedAtNs;
      if (found.keyFrame) this.lastKeyNs = capturedAtNs;
      this.refresh(capturedAtNs);
      return { codec: 'h264', ...picture, ...found };
    }
    this.wantsKeyFrame = true;
    this.refresh(capturedAtNs);
    if (capturedAtNs - this.sinceNs > patienceNs)
      throw misfit(`no key frame with parameter sets in ${patienceNs / 1_000_000_000n} s`);
    return undefined;
  }

  private pictureOf(data: Buffer) {
    const nals = splitByStartCode(data);
    if (nals.some(isBSlice)) throw misfit('pictures out of order (B-frames)');
    try {
      return this.pictures.pictureOf(nals);
    } catch (error) {
      if (!hasErrorCode(error, 'ENCODER_OUTPUT')) throw error;
      return undefined; // Damaged, or before the first parameter sets.
    }
  }

  /** Asks for a key frame if one is due, and not again before it had the time to come. */
  private refresh(nowNs: bigint): void {
    const intervalNs = BigInt(this.options.keyIntervalMs) * 1_000_000n;
    const isDue = this.wantsKeyFrame || nowNs - (this.lastKeyNs ?? nowNs) >= intervalNs;
    if (!isDue || (this.askedNs !== undefined && nowNs - this.askedNs < intervalNs)) return;
    this.askedNs = nowNs;
    this.options.requestKeyFrame();
  }
}

/** slice_type of a slice header (ITU-T H.264, 7.4.3): 1 and 6 are B. */
function isBSlice(nal: Buffer): boolean {
  if (!isSlice(nal)) return false;
  try {
    const bits = new BitReader(nal.subarray(0, 16));
    bits.unsigned(); // first_mb_in_slice
    return bits.unsigned() % 5 === 1;
  } catch (error) {
    if (error instanceof RangeError) return false; // Damaged.
    throw error;
  }
}

function misfit(found: string): CamstreamError {
  return new CamstreamError(
    'CAMERA_H264',
    `wanted H.264 that can be passed through, found ${found}; \`passThrough: false\` always encodes`,
  );
}
