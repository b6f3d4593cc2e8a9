import { Stream, type Unit } from '@camstream/producer';

/** A stream that repeats some units for ever, at the given rate, captured when they are published. */
export class LiveStream<U extends Unit> {
  readonly stream: Stream<U>;
  /** Who wants pictures at the moment. */
  wanted = 0;
  /** Told of each unit. */
  onPublished: (unit: U) => void = () => {};
  private readonly timer: NodeJS.Timeout;
  private sequence = 0;

  constructor(name: string, units: readonly U[], rate = 30) {
    this.stream = new Stream<U>(name, { add: () => void ++this.wanted, remove: () => void --this.wanted });
    const beganMs = performance.now();
    this.timer = setInterval(
      () => {
        while (this.sequence < ((performance.now() - beganMs) * rate) / 1000) {
          const unit = units[this.sequence % units.length];
          if (unit === undefined) throw new Error('wanted units, found none');
          const capturedAtNs = process.hrtime.bigint();
          const fresh = { ...unit, sequence: ++this.sequence, capturedAtNs };
          this.stream.publish(fresh);
          this.onPublished(fresh);
        }
      },
      1000 / rate / 4,
    );
  }

  stop(): void {
    clearInterval(this.timer);
    this.stream.end();
  }
}
