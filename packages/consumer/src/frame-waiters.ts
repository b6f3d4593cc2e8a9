import type { CamstreamError } from '@camstream/core';
import { longestTimerMs } from './call-options.js';
import type { Frame } from './frame.js';
import type { FrameCursor } from './frame-cursor.js';
import type { FrameDuty } from './frame-leak-guard.js';
import type { OpenRing } from './open-ring.js';
import type { ReadOptions } from './ring-reader.js';

interface Waiter {
  readonly cursor: FrameCursor;
  readonly duty: FrameDuty | undefined;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait for a frame, first come, first served. */
export class FrameWaiters {
  readonly #waiters = new Set<Waiter>();
  readonly #onChange: (any: boolean) => void;

  /** `onChange` is told when somebody waits, and when nobody does any more. */
  constructor(onChange: (any: boolean) => void) {
    this.#onChange = onChange;
  }

  get any(): boolean {
    return this.#waiters.size > 0;
  }

  /** Waits as `options` say; `timeout` makes the error for having waited too long. */
  add(
    cursor: FrameCursor,
    duty: FrameDuty | undefined,
    options: ReadOptions,
    timeout: () => CamstreamError,
  ): Promise<Frame> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const { signal, timeoutMs } = options;
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#remove(waiter);
      };
      const abort = () => waiter.reject(signal?.reason);
      const waiter: Waiter = {
        cursor,
        duty,
        resolve: (frame) => {
          end();
          resolve(frame);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      // Beyond that nobody waits, and Node would take it for 1 ms.
      if (timeoutMs !== undefined && timeoutMs <= longestTimerMs) {
        timer = setTimeout(() => waiter.reject(timeout()), timeoutMs);
      }
      signal?.addEventListener('abort', abort);
      this.#waiters.add(waiter);
      if (this.#waiters.size === 1) this.#onChange(true);
    });
  }

  /** Gives a frame to the first for whom `take` finds one. False: there is none for anybody. */
  serveOne(take: (cursor: FrameCursor, duty: FrameDuty | undefined) => Frame | undefined): boolean {
    for (const waiter of this.#waiters) {
      try {
        const frame = take(waiter.cursor, waiter.duty);
        if (!frame) continue;
        waiter.resolve(frame);
        return true;
      } catch (error) {
        waiter.reject(error);
      }
    }
    return false;
  }

  /** The lowest of what `after` says of the waiting cursors. */
  lowest(after: (cursor: FrameCursor) => number): number | undefined {
    let lowest: number | undefined;
    for (const { cursor } of this.#waiters)
      lowest = Math.min(lowest ?? Number.POSITIVE_INFINITY, after(cursor));
    return lowest;
  }

  /** Has one of those who wait go through the motions, see FrameCursor.rehearse(). */
  rehearse(ring: OpenRing): void {
    const [first] = this.#waiters;
    first?.cursor.rehearse(ring);
  }

  rejectAll(error: CamstreamError): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }

  #remove(waiter: Waiter): void {
    if (this.#waiters.delete(waiter) && this.#waiters.size === 0) this.#onChange(false);
  }
}
