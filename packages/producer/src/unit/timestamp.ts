/**
 * The distance from CLOCK_MONOTONIC to the wall clock. Date.now() counts whole milliseconds; what it
 * says at different moments narrows the distance down to microseconds. A wall clock that is set begins anew.
 */
export class WallClock {
  private low = 0n;
  private high = 0n;

  /** Nanoseconds to add to a capture time. */
  offsetNs(): bigint {
    const low = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
    const high = low + 1_000_000n;
    const narrowLow = this.low > low ? this.low : low;
    const narrowHigh = this.high < high ? this.high : high;
    [this.low, this.high] = narrowLow < narrowHigh ? [narrowLow, narrowHigh] : [low, high];
    return (this.low + this.high) / 2n;
  }
}

/** A capture time as Unix seconds with microseconds: `1700000000.123456`. */
export function unixTimeText(capturedAtNs: bigint, offsetNs: bigint): string {
  const micros = (capturedAtNs + offsetNs) / 1000n;
  return `${micros / 1_000_000n}.${(micros % 1_000_000n).toString().padStart(6, '0')}`;
}
