import { CamstreamError } from '@camstream/core';
import { nalType, nalTypes } from '../codec/h264-nal.js';
import type { H264Parameters, H264Unit } from '../unit/unit.js';

/** Brings the NAL units of pictures into the form of units, and keeps the parameter sets they need. */
export class PictureNals {
  private parameters: H264Parameters | undefined;

  /** Parameter sets in force; undefined: none have come. The same object for as long as nothing changes. */
  get known(): H264Parameters | undefined {
    return this.parameters;
  }

  /** Takes the parameter sets that are among these. */
  learn(nals: readonly Buffer[]): void {
    const sps = nals.find((nal) => nalType(nal) === nalTypes.sps) ?? this.parameters?.sps;
    const pps = nals.find((nal) => nalType(nal) === nalTypes.pps) ?? this.parameters?.pps;
    if (sps === undefined || pps === undefined) return;
    if (this.parameters?.sps.equals(sps) && this.parameters.pps.equals(pps)) return;
    this.parameters = { sps: Buffer.from(sps), pps: Buffer.from(pps) };
  }

  /**
   * A picture's part of a unit: a key frame with its parameter sets in front, no delimiters. Throws
   * ENCODER_OUTPUT for what is no picture, or is none that could be decoded.
   */
  pictureOf(nals: readonly Buffer[]): Pick<H264Unit, 'nals' | 'keyFrame' | 'parameters'> {
    this.learn(nals);
    const pictureNals = nals.filter((nal) => !leftOut.has(nalType(nal)));
    if (!pictureNals.some(isSlice)) throw outputError('a picture without a slice');
    const { parameters } = this;
    if (parameters === undefined) throw outputError('a picture before any parameter sets');
    const keyFrame = pictureNals.some((nal) => nalType(nal) === nalTypes.idrSlice);
    const all = keyFrame ? [parameters.sps, parameters.pps, ...pictureNals] : pictureNals;
    return { nals: all, keyFrame, parameters };
  }
}

/** Whether a NAL unit has some of the picture itself. */
export function isSlice(nal: Buffer): boolean {
  const type = nalType(nal);
  return type >= nalTypes.slice && type <= nalTypes.idrSlice;
}

/** ENCODER_OUTPUT: what came instead of H.264 that streams can be made of. */
export function outputError(found: string): CamstreamError {
  return new CamstreamError('ENCODER_OUTPUT', `wanted H.264 without B-frames, found ${found}`);
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
