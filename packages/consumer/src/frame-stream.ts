import { hasErrorCode } from '@camstream/core';
import type { Frame } from './frame.js';
import { FrameCursor } from './frame-cursor.js';
import { FrameDuty } from './frame-leak-guard.js';
import type { FramePolicy } from './frame-policy.js';
import type { RingLink } from './ring-link.js';
import type { ReadOptions } from './ring-reader.js';

/** How long a loop that is behind may go from frame to frame without a turn of the event loop. */
const LONGEST_STRETCH_MS = 20;

/** A loop over frames; see RingReader.frames(). */
export class FrameStream implements AsyncIterableIterator<Frame, undefined, undefined> {
  readonly #link: RingLink;
  readonly #cursor: FrameCursor;
  readonly #options: ReadOptions;
  readonly #duty = new FrameDuty();
  #current: Frame | undefined;
  #over = false;
  /** When the event loop last had a turn, as far as this loop knows (performance.now()). */
  #turnedAtMs = performance.now();
  /** Calls of next() that are under way, and the last of them. */
  #calls = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(link: RingLink, policy: FramePolicy, signal: AbortSignal | undefined) {
    this.#link = link;
    this.#cursor = new FrameCursor(policy);
    this.#options = signal ? { signal } : {};
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
      if (performance.now() - this.#turnedAtMs > LONGEST_STRETCH_MS) await this.#letOthersRun();
      const frame = this.#link.takeReady(this.#cursor, this.#duty, this.#options) ?? (await this.#wait());
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

  async #wait(): Promise<Frame> {
    const frame = await this.#link.wait(this.#cursor, this.#duty, this.#options);
    this.#turnedAtMs = performance.now();
    return frame;
  }

  /** A loop that is behind finds a frame ready each time; without this, timers and sockets would starve. */
  async #letOthersRun(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnedAtMs = performance.now();
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
