/** What a client knows of when pictures were captured: RTCP sender reports (RFC 3550, 6.4.1). */

/** Maps RTP time stamps to the wall clock. */
export class SenderClock {
  #unixNs: bigint | undefined;
  #timestamp = 0;

  /** One compound RTCP packet; others than sender reports are left alone. */
  rtcp(packet: Buffer): void {
    if (packet.length < 20 || packet[1] !== 200) return;
    const seconds = BigInt(packet.readUInt32BE(8)) - SECONDS_1900_TO_1970;
    const fraction = (BigInt(packet.readUInt32BE(12)) * 1_000_000_000n) >> 32n;
    this.#unixNs = seconds * 1_000_000_000n + fraction;
    this.#timestamp = packet.readUInt32BE(16);
  }

  /** Capture time, ns since 1970; undefined before the first sender report. */
  unixNs(timestamp: number): bigint | undefined {
    if (this.#unixNs === undefined) return undefined;
    const distance = (timestamp - this.#timestamp) | 0; // it wraps
    return this.#unixNs + (BigInt(distance) * 1_000_000_000n) / 90_000n;
  }
}

const SECONDS_1900_TO_1970 = 2_208_988_800n;
