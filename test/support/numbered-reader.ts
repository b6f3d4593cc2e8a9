import { connect, type Frame, type FramePolicy } from '@camstream/consumer';

/**
 * A reader of crash_producer's frames, or others like them: every eight bytes of one hold the producer's
 * process and the frame's sequence. Goes on through every death of its producer.
 */
export class NumberedReader {
  frames = 0;
  torn = 0;
  /** Process whose frames it gets, and when it got the first: CLOCK_MONOTONIC, ns. */
  producer = 0;
  servedNs = 0n;
  readonly #loop: Promise<void>;
  readonly #stop = new AbortController();
  #awaiting: ((ns: bigint) => void)[] = [];

  constructor(policy: FramePolicy) {
    this.#loop = this.#read(policy);
  }

  /** When its next frame comes: CLOCK_MONOTONIC, ns. */
  next(): Promise<bigint> {
    return new Promise((resolve) => this.#awaiting.push(resolve));
  }

  /** Ends the loop and closes the ring. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #read(policy: FramePolicy): Promise<void> {
    const { signal } = this.#stop;
    const ring = await connect('camera', { signal });
    try {
      for await (const frame of ring.frames(policy, { signal })) this.#look(frame);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      ring.close();
    }
  }

  #look(frame: Frame): void {
    const now = process.hrtime.bigint();
    for (const tell of this.#awaiting.splice(0)) tell(now);
    const copy = frame.copy();
    const words = new BigUint64Array(copy.buffer, copy.byteOffset, copy.length / 8);
    const word = words[0] ?? 0n;
    const whole = words.every((other) => other === word) && Number(word & 0xff_ffff_ffffn) === frame.sequence;
    this.frames++;
    if (!whole && frame.isIntact()) this.torn++;
    const producer = Number(word >> 40n);
    if (!whole || producer === this.producer) return;
    this.producer = producer;
    this.servedNs = process.hrtime.bigint();
  }
}
