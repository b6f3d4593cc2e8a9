import type { EventEmitter } from 'eventemitter3';
import type { RingReaderEvents, StallReason } from './events.js';

/**
 * Tells a reader's events. What a listener throws is an uncaught exception, as with any event of Node's, and
 * changes nothing for the reader, which may be in the middle of going from one ring to the next.
 */
export class Announcer {
  #events: EventEmitter<RingReaderEvents> | undefined;
  #stalled: StallReason['reason'] | undefined;
  #warned = false;

  /** Where events go from now on. */
  tell(events: EventEmitter<RingReaderEvents>): void {
    this.#events = events;
  }

  /** Why no frames come, as told last; undefined if they do. */
  get stalled(): StallReason['reason'] | undefined {
    return this.#stalled;
  }

  /** Tells `stalled` or `recovered` if it is news. */
  setStalled(reason: StallReason['reason'] | undefined): void {
    const before = this.#stalled;
    this.#stalled = reason;
    if (reason && !before) this.emit('stalled', { reason });
    if (!reason && before) this.emit('recovered');
  }

  emit<Name extends keyof RingReaderEvents>(name: Name, ...told: RingReaderEvents[Name]): void {
    try {
      (this.#events as EventEmitter<Record<string, unknown[]>> | undefined)?.emit(name, ...told);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** Warns, once, that the ring `name` did not let this reader in. */
  warnOfRefusal(name: string, refusal: string): void {
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(
      `Ring '${name}' is read without leases: ${refusal}. Its frames say \`leased: false\`; ask ` +
        'isIntact() after use. The reader goes on asking to be let in, once a second.',
      { type: 'CamstreamWarning', code: 'RING_UNREGISTERED' },
    );
  }
}
