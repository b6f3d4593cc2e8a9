import { CamstreamError } from '@camstream/core';

/** A picture's bytes as the container has them. */
export interface FlvPicture {
  readonly kind: 'picture';
  /** Decoding time in ms, of 31 bits. */
  readonly timeMs: number;
  /** How much later it is shown; not 0 where pictures come in another order than they are shown in. */
  readonly laterMs: number;
  /** NAL units with lengths if there has been a configuration, behind start codes otherwise. */
  readonly data: Buffer;
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1): the parameter sets. */
export interface FlvConfiguration {
  readonly kind: 'configuration';
  readonly sps: Buffer;
  readonly pps: Buffer;
  /** Bytes of each NAL unit's length. */
  readonly lengthSize: number;
}

/**
 * Reads the FLV (Adobe Flash Video File Format 10.1, annex E) that ffmpeg writes: H.264 alone. Sizes come in
 * front, so that a picture is complete when its bytes are there, not when the next one begins.
 */
export class FlvReader {
  private readonly chunks: Buffer[] = [];
  private buffered = 0;
  private wanted = headerBytes;
  private began = false;

  /** What these bytes complete, in order. Throws ENCODER_OUTPUT at anything but FLV with H.264. */
  push(chunk: Buffer): (FlvPicture | FlvConfiguration)[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const found: (FlvPicture | FlvConfiguration)[] = [];
    while (this.buffered >= this.wanted) {
      const bytes = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
      const rest = this.take(bytes, found);
      this.chunks.length = 0;
      if (rest.length > 0) this.chunks.push(rest);
      this.buffered = rest.length;
    }
    return found;
  }

  /** Takes whole tags off `bytes`; returns what is left and sets how much is wanted at least. */
  private take(bytes: Buffer, found: (FlvPicture | FlvConfiguration)[]): Buffer {
    let at = 0;
    if (!this.began) {
      checkHeader(bytes);
      this.began = true;
      at = headerBytes;
    }
    for (;;) {
      this.wanted = tagHeaderBytes;
      if (bytes.length - at < this.wanted) return bytes.subarray(at);
      const size = bytes.readUIntBE(at + 1, 3);
      if (size > mostBytes) throw outputError(`a tag of ${size} bytes`);
      this.wanted = tagHeaderBytes + size + sizeBytes;
      if (bytes.length - at < this.wanted) return bytes.subarray(at);
      const tag = bytes.subarray(at, at + this.wanted);
      at += this.wanted;
      if (tag.readUInt32BE(tag.length - sizeBytes) !== tagHeaderBytes + size)
        throw outputError('a tag whose sizes differ');
      const content = readTag(tag);
      if (content !== undefined) found.push(content);
    }
  }
}

const headerBytes = 13; // the file's header and the size of the tag before the first
const tagHeaderBytes = 11;
const sizeBytes = 4;
const mostBytes = 8 * 2 ** 20;
const videoTag = 9;
const otherTags = new Set([8, 18]); // sound, of which there is none, and what onMetaData says
const videoHeaderBytes = 5;
const codecH264 = 7;

function checkHeader(bytes: Buffer): void {
  if (bytes.toString('latin1', 0, 3) === 'FLV' && bytes.readUInt32BE(5) === 9) return;
  throw outputError(`"${printable(bytes.subarray(0, 8))}" at the beginning`);
}

function readTag(tag: Buffer): FlvPicture | FlvConfiguration | undefined {
  const type = tag[0] ?? 0;
  if (otherTags.has(type)) return undefined;
  if (type !== videoTag) throw outputError(`a tag of type ${type}`);
  const timeMs = tag.readUIntBE(4, 3) + (tag.readUInt8(7) & 0x7f) * 2 ** 24;
  const body = tag.subarray(tagHeaderBytes, tag.length - sizeBytes);
  if (body.length < videoHeaderBytes || (body.readUInt8(0) & 0x0f) !== codecH264)
    throw outputError('a picture that is not H.264');
  const data = body.subarray(videoHeaderBytes);
  switch (body[1]) {
    case 0:
      return readConfiguration(data);
    case 1:
      return { kind: 'picture', timeMs, laterMs: body.readIntBE(2, 3), data };
    default:
      return undefined; // the end of the sequence
  }
}

function readConfiguration(data: Buffer): FlvConfiguration | undefined {
  // An encoder that gives its parameter sets with the pictures: those are then as in annex B of H.264.
  if (data.length === 0) return undefined;
  try {
    const lengthSize = (data.readUInt8(4) & 3) + 1;
    const spsLength = data.readUInt16BE(6);
    const ppsAt = 8 + spsLength;
    const ppsLength = data.readUInt16BE(ppsAt + 1);
    const sps = data.subarray(8, ppsAt);
    const pps = data.subarray(ppsAt + 3, ppsAt + 3 + ppsLength);
    const counts = [data.readUInt8(5) & 0x1f, data.readUInt8(ppsAt)];
    if (counts.some((count) => count !== 1) || sps.length !== spsLength || pps.length !== ppsLength)
      throw outputError(`parameter sets that are not one of each (${counts.join()})`);
    return { kind: 'configuration', sps, pps, lengthSize };
  } catch (error) {
    if (error instanceof RangeError) throw outputError('parameter sets that are cut off');
    throw error;
  }
}

function printable(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^ -~]/g, '.');
}

function outputError(found: string): CamstreamError {
  return new CamstreamError('ENCODER_OUTPUT', `wanted H.264 in FLV from the encoder, found ${found}`);
}
