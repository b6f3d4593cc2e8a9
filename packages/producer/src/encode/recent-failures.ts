const windowMs = 60_000;
const firstPauseMs = 250;
const mostPauseMs = 8000;

/** When an encoder failed: how often is too often, and how long to wait before the next try. */
export class RecentFailures {
  /** So many within a minute. */
  static readonly tooMany = 3;
  private times: number[] = [];

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** One more. Returns how many there were within the last minute. */
  note(): number {
    this.times.push(this.nowMs());
    return this.count();
  }

  /** The first is forgiven at once; then twice as long each time. */
  get pauseMs(): number {
    const count = this.count();
    return count < 2 ? 0 : Math.min(firstPauseMs * 2 ** (count - 2), mostPauseMs);
  }

  clear(): void {
    this.times = [];
  }

  private count(): number {
    const since = this.nowMs() - windowMs;
    this.times = this.times.filter((time) => time > since);
    return this.times.length;
  }
}
