import { hasErrorCode } from '@camstream/core';
import type { Frame } from './frame.js';
import { FrameCursor } from './frame-cursor.js';
import { FrameDuty } from './frame-leak-guard.js';
import type { FramePolicy } from './frame-policy.js';
import type { RingLink } from './ring-link.js';

/** A loop over frames; see RingReader.frames(). */
export class FrameStream implements AsyncIterableIterator<Frame, undefined, undefined> {
  readonly #link: RingLink;
  readonly #cursor: FrameCursor;
  readonly #signal: AbortSignal | undefined;
  readonly #duty = new FrameDuty();
  #current: Frame | undefined;
  #over = false;
  /** Calls of next() that are under way, and the last of them. */
  #calls = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(link: RingLink, policy: FramePolicy, signal: AbortSignal | undefined) {
    this.#link = link;
    this.#cursor = new FrameCursor(policy);
    this.#signal = signal;
    link.follow(this);
  }

  /** The next frame; releases the one before. Calls that come while another is under way wait their turn. */
  next(): Promise<IteratorResult<Frame, undefined>> {
    const take = () => this.#take();
    this.#calls += 1;
    const result = this.#calls > 1 ? this.#last.then(take, take) : take();
    this.#last = result;
    return result;
  }

  /** Leaves the loop: `break` does this. */
  async return(): Promise<IteratorResult<Frame, undefined>> {
    this.#letGo();
    return this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @internal The reader is being closed. */
  giveBack(): void {
    this.#current?.release();
    this.#current = undefined;
  }

  async #take(): Promise<IteratorResult<Frame, undefined>> {
    this.#letGo();
    if (this.#over) return this.#end();
    try {
      const options = this.#signal ? { signal: this.#signal } : {};
      const frame = await this.#link.next(this.#cursor, this.#duty, options);
      if (this.#over) {
        frame.release();
        return this.#end();
      }
      this.#current = frame;
      this.#link.throwIfClosed();
      if (this.#cursor.policy === 'every' && frame.missed > 0) this.#link.tellGap(frame);
      return { done: false, value: frame };
    } catch (error) {
      this.giveBack();
      this.#end();
      if (hasErrorCode(error, 'RING_CLOSED')) return { done: true, value: undefined };
      throw error;
    } finally {
      this.#calls -= 1;
    }
  }

  #letGo(): void {
    const frame = this.#current;
    this.#current = undefined;
    if (frame && !frame.kept) frame.release();
  }

  #end(): IteratorResult<Frame, undefined> {
    this.#over = true;
    return { done: true, value: undefined };
  }
}
