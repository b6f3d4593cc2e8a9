/** Bits of a NAL unit's payload, without its emulation prevention bytes (ITU-T H.264, 7.3.1 and 9.1). */
export class BitReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  /** `nal` with its first byte, which is skipped. */
  constructor(nal: Uint8Array) {
    this.bytes = withoutEmulation(nal.subarray(1));
  }

  /** u(count), at most 32. Throws RangeError behind the end. */
  bits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; ++n) value = value * 2 + this.bit();
    return value;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** ue(v). */
  unsigned(): number {
    let zeros = 0;
    while (this.bit() === 0) if (++zeros > 32) throw new RangeError('a number of more than 32 bits');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v). */
  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }

  private bit(): number {
    const byte = this.bytes[this.at >> 3];
    if (byte === undefined) throw new RangeError('the end of the NAL unit');
    return (byte >> (7 - (this.at++ & 7))) & 1;
  }
}

function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const clean = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    clean[length++] = byte;
  }
  return clean.subarray(0, length);
}
