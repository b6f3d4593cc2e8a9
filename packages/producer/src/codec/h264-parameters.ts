import { BitReader } from './bit-reader.js';

/** What a sequence parameter set says (ITU-T H.264, 7.3.2.1.1 and E.1.1). */
export interface SpsInfo {
  readonly profile: number;
  /** constraint_set0_flag is the highest bit. */
  readonly constraints: number;
  /** Ten times the level: 40. */
  readonly level: number;
  /** Of the picture as it is shown: cropped. */
  readonly width: number;
  readonly height: number;
  readonly colour: SpsColour;
  /** Pictures that may have to wait for a later one; undefined: not said, so a decoder may wait for many. */
  readonly reorderedPictures: number | undefined;
}

/** Code points of H.273; 2 is "unspecified", as is what an SPS does not say. */
export interface SpsColour {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

/** Reads an SPS with its first byte, without start code. Throws RangeError if it is cut off or senseless. */
export function parseSps(sps: Uint8Array): SpsInfo {
  const bits = new BitReader(sps);
  const profile = bits.bits(8);
  const constraints = bits.bits(8);
  const level = bits.bits(8);
  bits.unsigned(); // its id
  const chroma = extendedProfiles.has(profile) ? readChroma(bits) : 1;
  bits.unsigned(); // log2_max_frame_num_minus4
  skipOrderCount(bits);
  bits.unsigned(); // max_num_ref_frames
  bits.flag(); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(bits, chroma);
  return { profile, constraints, level, ...size, ...readVui(bits) };
}

/** `avc1.42C01E` and the like: profile, constraints and level, as players are told (RFC 6381). */
export function codecText({ profile, constraints, level }: SpsInfo): string {
  return `avc1.${[profile, constraints, level].map(hexByte).join('')}`;
}

/** profile-level-id of RFC 6184, without reading the whole SPS. */
export function profileLevelId(sps: Uint8Array): string {
  return [...sps.subarray(1, 4)].map(hexByte).join('');
}

const extendedProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const unspecified: SpsColour = { primaries: 2, transfer: 2, matrix: 2, fullRange: false };
const extendedAspect = 255;

function readChroma(bits: BitReader): number {
  const chroma = bits.unsigned();
  if (chroma === 3) bits.flag(); // separate_colour_plane_flag
  bits.unsigned(); // bit depths
  bits.unsigned();
  bits.flag(); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    const lists = chroma === 3 ? 12 : 8;
    for (let list = 0; list < lists; ++list) if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return chroma;
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let n = 0; n < size; ++n) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipOrderCount(bits: BitReader): void {
  const kind = bits.unsigned();
  if (kind === 0) bits.unsigned();
  if (kind !== 1) return;
  bits.flag();
  bits.signed();
  bits.signed();
  const count = bits.unsigned();
  if (count > 255) throw new RangeError('num_ref_frames_in_pic_order_cnt_cycle of more than 255');
  for (let n = 0; n < count; ++n) bits.signed();
}

function readSize(bits: BitReader, chroma: number): { width: number; height: number } {
  const columns = bits.unsigned() + 1;
  const rows = bits.unsigned() + 1;
  const framesOnly = bits.flag();
  if (!framesOnly) bits.flag(); // mb_adaptive_frame_field_flag
  bits.flag(); // direct_8x8_inference_flag
  const fields = framesOnly ? 1 : 2;
  let [width, height] = [columns * 16, rows * 16 * fields];
  if (bits.flag()) {
    const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
    const unitY = (chroma === 1 ? 2 : 1) * fields;
    width -= (bits.unsigned() + bits.unsigned()) * unitX;
    height -= (bits.unsigned() + bits.unsigned()) * unitY;
  }
  if (width <= 0 || height <= 0) throw new RangeError(`a picture of ${width}x${height}`);
  return { width, height };
}

function readVui(bits: BitReader): Pick<SpsInfo, 'colour' | 'reorderedPictures'> {
  if (!bits.flag()) return { colour: unspecified, reorderedPictures: undefined };
  if (bits.flag() && bits.bits(8) === extendedAspect) bits.bits(32);
  if (bits.flag()) bits.flag(); // overscan
  const colour = bits.flag() ? readColour(bits) : unspecified;
  if (bits.flag()) {
    bits.unsigned(); // where chroma is sampled
    bits.unsigned();
  }
  if (bits.flag()) {
    bits.bits(32); // timing
    bits.bits(32);
    bits.flag();
  }
  const hrd = [bits.flag() && skipHrd(bits), bits.flag() && skipHrd(bits)];
  if (hrd.includes(true)) bits.flag(); // low_delay_hrd_flag
  bits.flag(); // pic_struct_present_flag
  return { colour, reorderedPictures: bits.flag() ? readReordered(bits) : undefined };
}

function readColour(bits: BitReader): SpsColour {
  bits.bits(3); // video_format
  const fullRange = bits.flag();
  if (!bits.flag()) return { ...unspecified, fullRange };
  return { primaries: bits.bits(8), transfer: bits.bits(8), matrix: bits.bits(8), fullRange };
}

function skipHrd(bits: BitReader): true {
  const count = bits.unsigned() + 1;
  if (count > 32) throw new RangeError('cpb_cnt of more than 32');
  bits.bits(8);
  for (let n = 0; n < count; ++n) {
    bits.unsigned();
    bits.unsigned();
    bits.flag();
  }
  bits.bits(20);
  return true;
}

function readReordered(bits: BitReader): number {
  bits.flag(); // motion_vectors_over_pic_boundaries_flag
  for (let n = 0; n < 4; ++n) bits.unsigned();
  return bits.unsigned();
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
