import { CamstreamError, type RingInfo } from '@camstream/core';
import { EventEmitter } from 'eventemitter3';
import type { AnticipationCounts } from './anticipation.js';
import { checkSignal, checkTimeout } from './call-options.js';
import type { RingReaderEvents } from './events.js';
import type { Frame } from './frame.js';
import { FrameCursor } from './frame-cursor.js';
import type { FramePolicy } from './frame-policy.js';
import { FrameStream } from './frame-stream.js';
import { type RingLag, ringLag } from './lag.js';
import type { RingLink } from './ring-link.js';

/** How long to wait for a frame, and what ends the waiting. */
export interface ReadOptions {
  /** Throws FRAME_TIMEOUT after so long; for ever if not given. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Frames that a reader has in hand. */
export interface HeldFrames {
  /** Not released yet, loans included. */
  readonly frames: number;
  /** Released, but native code may be at work on them still. */
  readonly lingering: number;
  /** Private copies made so far, because a lease was wanted or about to be revoked, or the ring went away. */
  readonly copies: number;
}

/** A ring open for reading: what connect() gives. It survives restarts of the producer. */
export class RingReader extends EventEmitter<RingReaderEvents> {
  readonly name: string;
  readonly #link: RingLink;
  readonly #cursor = new FrameCursor('latest');

  /** @internal Made by connect(). */
  constructor(link: RingLink) {
    super();
    this.name = link.name;
    this.#link = link;
    link.tell(this);
  }

  /** Size, format and rate of the ring as it was opened last; a restart may change them. */
  get info(): RingInfo {
    return this.#link.info;
  }

  /** Whether close() was called, or going on became impossible. */
  get closed(): boolean {
    return this.#link.closed;
  }

  /** What this reader has in hand. */
  get held(): HeldFrames {
    return this.#link.held;
  }

  /** How far this reader is behind. */
  get lag(): RingLag {
    return ringLag(this.#link.ring?.native, this.#cursor.after);
  }

  /** How often this reader was awake when a frame came; undefined without `anticipate`. */
  get anticipation(): AnticipationCounts | undefined {
    return this.#link.anticipation;
  }

  /**
   * Frames for `for await`. Asking for the next one, or leaving the loop, releases the one before, unless
   * keep() was called. Begins with the newest frame; ends when the reader is closed.
   */
  frames(policy: FramePolicy = 'latest', options: { readonly signal?: AbortSignal } = {}): FrameStream {
    if (policy !== 'latest' && policy !== 'every') {
      throw new CamstreamError(
        'OPTION_INVALID',
        `frames(policy): wanted 'latest' or 'every', found ${JSON.stringify(policy)}.`,
      );
    }
    checkSignal('frames()', options.signal);
    return new FrameStream(this.#link, policy, options.signal);
  }

  /** The newest frame that read() has not given yet; waits for one. Release it yourself. */
  async read(options: ReadOptions = {}): Promise<Frame> {
    checkTimeout('read()', options.timeoutMs);
    checkSignal('read()', options.signal);
    const frame = await this.#link.next(this.#cursor, undefined, options);
    this.#link.throwIfClosed(); // which has released the frame
    return frame;
  }

  /**
   * read() for worker threads: blocks the thread. Throws FRAME_TIMEOUT after `timeoutMs`; in between a
   * worker can be terminated every 50 ms.
   */
  readSync(timeoutMs = Number.POSITIVE_INFINITY): Frame {
    checkTimeout('readSync()', timeoutMs);
    return this.#link.nextSync(this.#cursor, timeoutMs);
  }

  /** Gives all frames back, whether kept or not, and ends loops and reads. May be called twice. */
  close(): void {
    this.#link.close();
  }

  /** close(), for `using camera = await connect('camera')`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
