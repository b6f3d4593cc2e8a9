/**
 * Counts who wants a stream's pictures and switches their making on and off. Off comes a moment late, so
 * that somebody who polls snapshots does not stop and start it each time.
 */
export class Demand {
  private count = 0;
  private since: bigint | undefined;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly switched: (on: boolean) => void,
    private readonly lingerMs = 2000,
  ) {}

  /** Since when pictures are made (CLOCK_MONOTONIC); undefined while they are not. */
  get sinceNs(): bigint | undefined {
    return this.since;
  }

  add(): void {
    ++this.count;
    clearTimeout(this.timer);
    if (this.since === undefined && !this.stopped) this.set(true);
  }

  remove(): void {
    --this.count;
    if (this.count > 0 || this.stopped) return;
    this.timer = setTimeout(() => this.set(false), this.lingerMs).unref();
  }

  /** Nothing is switched any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.stopped = true;
    this.since = undefined;
  }

  private set(on: boolean): void {
    this.since = on ? process.hrtime.bigint() : undefined;
    this.switched(on);
  }
}
