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

  line(details: Readonly<Record<string, unknown>>, message: string): void {
    const now = this.nowMs();
    if (now - this.lastMs < this.intervalMs) {
      ++this.withheld;
      return;
    }
    this.log[this.level](this.withheld > 0 ? { ...details, withheld: this.withheld } : details, message);
    this.lastMs = now;
    this.withheld = 0;
  }
}
