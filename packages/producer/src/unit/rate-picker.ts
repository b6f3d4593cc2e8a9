/**
 * Picks as many of a stream's pictures as somebody wants a second, evenly by their capture times: of those
 * around each wanted moment the nearest.
 */
export class RatePicker {
  private readonly periodNs: number;
  private dueNs: bigint | undefined;
  private lastNs: bigint | undefined;
  private intervalNs: number | undefined;

  /** `rate`: pictures a second; more than there are takes them all. */
  constructor(rate: number) {
    this.periodNs = 1e9 / rate;
  }

  /** Whether the picture captured then is one of them. To be asked once for each, in order. */
  wants(capturedAtNs: bigint): boolean {
    this.observe(capturedAtNs);
    if (this.dueNs === undefined) {
      this.dueNs = capturedAtNs + this.period();
      return true;
    }
    const earlyNs = Number(this.dueNs - capturedAtNs);
    if (earlyNs > (this.intervalNs ?? 0) / 2) return false;
    // After a pause the rhythm begins anew: nothing is made up for.
    this.dueNs = earlyNs < -this.periodNs ? capturedAtNs + this.period() : this.dueNs + this.period();
    return true;
  }

  private observe(capturedAtNs: bigint): void {
    const { lastNs, intervalNs } = this;
    this.lastNs = capturedAtNs;
    if (lastNs === undefined) return;
    const passed = Number(capturedAtNs - lastNs);
    // A gap is no rhythm; what is shorter than was thought is.
    if (intervalNs === undefined || passed < intervalNs) this.intervalNs = passed;
    else this.intervalNs = intervalNs + Math.min(passed - intervalNs, intervalNs) / 16;
  }

  private period(): bigint {
    return BigInt(Math.round(this.periodNs));
  }
}
