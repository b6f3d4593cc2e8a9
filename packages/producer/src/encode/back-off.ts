/** How long something that failed is left alone. */
export interface BackOffTimes {
  readonly firstMs: number;
  /** Each failure doubles the pause, up to this. */
  readonly mostMs: number;
  /** Who has worked for so long in between begins with the first pause again. */
  readonly heldMs: number;
}

/** When to try again what failed: later each time, within bounds. */
export class BackOff {
  private pauseMs = 0;
  private dueAtMs = Number.NEGATIVE_INFINITY;
  private workedSinceMs: number | undefined;

  constructor(
    private readonly times: BackOffTimes,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Until it may be tried, ms; 0: now. */
  get remainingMs(): number {
    return Math.max(0, this.dueAtMs - this.nowMs());
  }

  worked(): void {
    this.workedSinceMs ??= this.nowMs();
  }

  /** Returns the pause, ms. */
  failed(): number {
    const { firstMs, mostMs, heldMs } = this.times;
    const heldFor = this.workedSinceMs === undefined ? 0 : this.nowMs() - this.workedSinceMs;
    this.workedSinceMs = undefined;
    this.pauseMs = this.pauseMs === 0 || heldFor >= heldMs ? firstMs : Math.min(this.pauseMs * 2, mostMs);
    this.dueAtMs = this.nowMs() + this.pauseMs;
    return this.pauseMs;
  }
}
