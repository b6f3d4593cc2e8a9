/** How late the last pictures of an encoder were, from capture to finished unit. */
export class Lateness {
  private readonly lastMs: number[] = [];
  private next = 0;

  /** `pictures`: how many of the last ones count. */
  constructor(private readonly pictures = 30) {}

  /** A unit of a picture captured then is finished now. */
  add(capturedAtNs: bigint, nowNs: bigint = process.hrtime.bigint()): void {
    this.lastMs[this.next] = Number(nowNs - capturedAtNs) / 1e6;
    this.next = (this.next + 1) % this.pictures;
  }

  /** The 90th percentile, ms; 0: none yet. */
  get p90Ms(): number {
    const sorted = [...this.lastMs].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  }

  /** What was measured before says nothing of what follows. */
  clear(): void {
    this.lastMs.length = 0;
    this.next = 0;
  }
}
