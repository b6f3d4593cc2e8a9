/** Kinds of NAL units that we tell apart (ITU-T H.264, table 7-1). */
export const nalTypes = {
  slice: 1,
  idrSlice: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  filler: 12,
} as const;

/** The kind of a NAL unit; 0 of an empty one. */
export function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 0x1f;
}

/**
 * NAL units with a length of `lengthSize` bytes in front of each (ISO/IEC 14496-15), as views of `data`.
 * Undefined: the lengths do not add up. Empty ones are left out.
 */
export function splitByLength(data: Buffer, lengthSize: number): Buffer[] | undefined {
  const nals: Buffer[] = [];
  let at = 0;
  while (at < data.length) {
    if (at + lengthSize > data.length) return undefined;
    const length = data.readUIntBE(at, lengthSize);
    at += lengthSize;
    if (at + length > data.length) return undefined;
    if (length > 0) nals.push(data.subarray(at, at + length));
    at += length;
  }
  return nals;
}

/** NAL units behind start codes (ITU-T H.264, annex B), as views of `data`, without trailing zeros. */
export function splitByStartCode(data: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let begin = after(data, 0);
  while (begin !== undefined) {
    const next = data.indexOf(startCode, begin);
    const end = next === -1 ? data.length : next;
    const nal = withoutTrailingZeros(data.subarray(begin, end));
    if (nal.length > 0) nals.push(nal);
    begin = next === -1 ? undefined : next + startCode.length;
  }
  return nals;
}

const startCode = Buffer.from([0, 0, 1]);

function after(data: Buffer, from: number): number | undefined {
  const found = data.indexOf(startCode, from);
  return found === -1 ? undefined : found + startCode.length;
}

/** A NAL unit ends with a one; zeros behind it belong to the next start code. */
function withoutTrailingZeros(nal: Buffer): Buffer {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) --end;
  return nal.subarray(0, end);
}
