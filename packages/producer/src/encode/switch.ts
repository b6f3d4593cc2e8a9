/** On or off; who has nothing to do while it is off waits here. */
export class Switch {
  private since: bigint | undefined;
  private closed = false;
  private wake: () => void = () => {};

  /** Since when it is on (CLOCK_MONOTONIC); undefined while it is off. */
  get sinceNs(): bigint | undefined {
    return this.since;
  }

  set(on: boolean): void {
    if (on === (this.since !== undefined)) return;
    this.since = on ? process.hrtime.bigint() : undefined;
    if (on) this.wake();
  }

  /** Nobody waits any more: it stays off. */
  close(): void {
    this.closed = true;
    this.since = undefined;
    this.wake();
  }

  /** True as soon as it is on, false when it was closed. One at a time may wait. */
  async whenOn(): Promise<boolean> {
    while (this.since === undefined && !this.closed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return !this.closed;
  }
}
