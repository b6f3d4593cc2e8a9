import type { Log } from '@camstream/core';

/**
 * Logs at most one line in `intervalMs`: what happens sixty times a second is told once, with the
 * number of times it was not told.
 */
export class Seldom {
  private lastMs = Number.NEGATIVE_INFINITY;
  private withheld = 0;

  constructor(
    private readonly log: Log,
    private readonly level: keyof Log,
    private readonly intervalMs = 1000,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** True: it was written. `intervalMs` is of this line, where it may come sooner or later than others. */
  line(
    details: Readonly<Record<string, unknown>>,
    message: string,
    intervalMs: number = this.intervalMs,
  ): boolean {
    const now = this.nowMs();
    if (now - this.lastMs < intervalMs) {
      ++this.withheld;
      return false;
    }
    this.log[this.level](this.withheld > 0 ? { ...details, withheld: this.withheld } : details, message);
    this.lastMs = now;
    this.withheld = 0;
    return true;
  }
}
