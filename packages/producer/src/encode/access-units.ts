import { splitByLength, splitByStartCode } from '../codec/h264-nal.js';
import type { H264Unit } from '../unit/unit.js';
import { type FlvPicture, FlvReader } from './flv-reader.js';
import { outputError, PictureNals } from './picture-nals.js';

/** An encoder's output, picture by picture: a unit but for what the picture is of. */
export interface AccessUnit extends Pick<H264Unit, 'nals' | 'keyFrame' | 'parameters'> {
  /** The container's time, ms of 31 bits. */
  readonly timeMs: number;
}

/**
 * Turns what ffmpeg writes into access units: each key frame with its parameter sets in front, no
 * delimiters.
 */
export class AccessUnits {
  private readonly reader = new FlvReader();
  private readonly pictures = new PictureNals();
  private lengthSize: number | undefined;

  /** What these bytes complete. Throws ENCODER_OUTPUT: then nothing of this encoder can be used any more. */
  push(chunk: Buffer): AccessUnit[] {
    return this.reader.push(chunk).flatMap((found) => {
      if (found.kind === 'picture') return [this.unit(found)];
      this.lengthSize = found.lengthSize;
      this.pictures.learn([found.sps, found.pps]);
      return [];
    });
  }

  private unit({ timeMs, laterMs, data }: FlvPicture): AccessUnit {
    if (laterMs !== 0) throw outputError('pictures out of order (B-frames)');
    const nals =
      this.lengthSize === undefined ? splitByStartCode(data) : splitByLength(data, this.lengthSize);
    if (nals === undefined) throw outputError('NAL units whose lengths do not add up');
    return { timeMs, ...this.pictures.pictureOf(nals) };
  }
}
