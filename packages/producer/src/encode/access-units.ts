import { CamstreamError } from '@camstream/core';
import { nalType, nalTypes, splitByLength, splitByStartCode } from '../codec/h264-nal.js';
import type { H264Parameters } from '../unit/unit.js';
import { type FlvPicture, FlvReader } from './flv-reader.js';

/** An encoder's output, picture by picture: a unit but for what the picture is of. */
export interface AccessUnit {
  /** The container's time, ms of 31 bits. */
  readonly timeMs: number;
  readonly nals: readonly Buffer[];
  readonly keyFrame: boolean;
  readonly parameters: H264Parameters;
}

/**
 * Turns what ffmpeg writes into access units: each key frame with its parameter sets in front, no
 * delimiters.
 */
export class AccessUnits {
  private readonly reader = new FlvReader();
  private lengthSize: number | undefined;
  private parameters: H264Parameters | undefined;

  /** What these bytes complete. Throws ENCODER_OUTPUT: then nothing of this encoder can be used any more. */
  push(chunk: Buffer): AccessUnit[] {
    return this.reader.push(chunk).flatMap((found) => {
      if (found.kind === 'picture') return [this.unit(found)];
      this.lengthSize = found.lengthSize;
      this.take(found);
      return [];
    });
  }

  private unit({ timeMs, laterMs, data }: FlvPicture): AccessUnit {
    if (laterMs !== 0) throw outputError('pictures out of order (B-frames)');
    const nals =
      this.lengthSize === undefined ? splitByStartCode(data) : splitByLength(data, this.lengthSize);
    if (nals === undefined) throw outputError('NAL units whose lengths do not add up');
    const sps = nals.find((nal) => nalType(nal) === nalTypes.sps);
    const pps = nals.find((nal) => nalType(nal) === nalTypes.pps);
    if (sps !== undefined && pps !== undefined) this.take({ sps, pps });
    const pictureNals = nals.filter((nal) => !leftOut.has(nalType(nal)));
    if (!pictureNals.some(isSlice)) throw outputError('a picture without a slice');
    const { parameters } = this;
    if (parameters === undefined) throw outputError('a picture before any parameter sets');
    const keyFrame = pictureNals.some((nal) => nalType(nal) === nalTypes.idrSlice);
    const all = keyFrame ? [parameters.sps, parameters.pps, ...pictureNals] : pictureNals;
    return { timeMs, nals: all, keyFrame, parameters };
  }

  /** The same object for as long as nothing in it changes. */
  private take({ sps, pps }: H264Parameters): void {
    const known = this.parameters;
    if (known?.sps.equals(sps) && known.pps.equals(pps)) return;
    this.parameters = { sps: Buffer.from(sps), pps: Buffer.from(pps) };
  }
}

/** What says nothing of the picture, or is put in front by us. */
const leftOut = new Set<number>([
  nalTypes.sps,
  nalTypes.pps,
  nalTypes.accessUnitDelimiter,
  nalTypes.endOfSequence,
  nalTypes.endOfStream,
  nalTypes.filler,
]);

function isSlice(nal: Buffer): boolean {
  const type = nalType(nal);
  return type >= nalTypes.slice && type <= nalTypes.idrSlice;
}

function outputError(found: string): CamstreamError {
  return new CamstreamError(
    'ENCODER_OUTPUT',
    `wanted H.264 without B-frames from the encoder, found ${found}`,
  );
}
