/** Whoever has packets to send a few at a time. */
export interface Paced {
  /** Sends what it may by now. False: there is more. */
  go(nowMs: number): boolean;
}

/** Calls all who have packets left every millisecond, and nobody while nobody has. */
export class Pacer {
  private readonly busy = new Set<Paced>();
  private timer: NodeJS.Timeout | undefined;

  add(paced: Paced): void {
    this.busy.add(paced);
    this.timer ??= setTimeout(this.tick, 1);
  }

  remove(paced: Paced): void {
    this.busy.delete(paced);
  }

  private readonly tick = () => {
    this.timer = undefined;
    const nowMs = performance.now();
    for (const paced of [...this.busy]) {
      // Done is done before it is asked for more.
      this.busy.delete(paced);
      if (!paced.go(nowMs)) this.busy.add(paced);
    }
    if (this.busy.size > 0) this.timer ??= setTimeout(this.tick, 1);
  };
}
