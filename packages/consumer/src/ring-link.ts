import { CamstreamError, type RingInfo } from '@camstream/core';
import type { EventEmitter } from 'eventemitter3';
import { Announcer } from './announcer.js';
import { Anticipation, type AnticipationCounts } from './anticipation.js';
import type { RingReaderEvents } from './events.js';
import type { Frame } from './frame.js';
import type { FrameCursor } from './frame-cursor.js';
import type { FrameDuty } from './frame-leak-guard.js';
import type { FrameStream } from './frame-stream.js';
import { FrameWaiters } from './frame-waiters.js';
import { KeptFrames } from './kept-frames.js';
import { type Heritage, OpenFailures, type OpenRing, openRing } from './open-ring.js';
import type { HeldFrames, ReadOptions } from './ring-reader.js';
import { isPaused, isRefused, ringIsGone, stallReason } from './ring-status.js';

const reopenMs = 50;
const absentMs = 1000;

/**
 * The connection to whatever ring has the name: opens it, notices its end, opens its successor, and brings
 * frames to those who wait. At most one ring is open at a time.
 */
export class RingLink {
  readonly name: string;
  #ring: OpenRing | undefined;
  #info: RingInfo | undefined;
  readonly #announcer = new Announcer();
  readonly #waiters = new FrameWaiters((any) => this.#keepAlive(any));
  readonly #streams = new Set<WeakRef<FrameStream>>();
  readonly #failures = new OpenFailures();
  #heritage: Heritage = { framesBefore: 0, kept: new KeptFrames(), ringId: '', frames: 0 };
  #lostAt = 0;
  #reopening: NodeJS.Timeout | undefined;
  #end: CamstreamError | undefined;
  readonly #anticipation: Anticipation | undefined;

  /** `anticipate`: be awake when a frame is due, see ConnectOptions. */
  constructor(name: string, anticipate = false) {
    this.name = name;
    this.#anticipation = anticipate ? new Anticipation() : undefined;
  }

  /** Opens the ring if it is there. Throws what waiting does not cure. */
  tryOpen(): boolean {
    if (this.#ring) return true;
    try {
      this.#ring = openRing(this.name, (statusChanged) => this.#wake(statusChanged), this.#heritage);
      this.#failures.clear();
    } catch (error) {
      this.#failures.note(error);
    }
    if (!this.#ring) return false;
    this.#info = this.#ring.info;
    return true;
  }

  /** Why the last tryOpen() failed, if it is not just that there is no ring. */
  get failure(): unknown {
    return this.#failures.last;
  }

  /** Where events go from now on. */
  tell(events: EventEmitter<RingReaderEvents>): void {
    this.#announcer.tell(events);
    // Whoever gets the reader in this turn of the loop shall be told, too.
    setImmediate(() => this.#wake(true)).unref();
  }

  get ring(): OpenRing | undefined {
    return this.#ring;
  }

  get info(): RingInfo {
    if (!this.#info) throw new Error('tryOpen() has not succeeded yet');
    return this.#info;
  }

  get anticipation(): AnticipationCounts | undefined {
    return this.#anticipation?.counts;
  }

  get held(): HeldFrames {
    const counts = this.#ring?.native.counts() ?? { held: 0, lingering: 0, copied: 0 };
    return { frames: counts.held, lingering: counts.lingering, copies: counts.copied };
  }

  /** Throws what has ended this reader. */
  throwIfClosed(): void {
    if (this.#end) throw this.#end;
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  /** A loop whose frame is to be given back at close(). */
  follow(stream: FrameStream): void {
    for (const known of this.#streams) if (!known.deref()) this.#streams.delete(known);
    this.#streams.add(new WeakRef(stream));
  }

  /** The next frame for `cursor`. */
  async next(cursor: FrameCursor, duty: FrameDuty | undefined, options: ReadOptions): Promise<Frame> {
    return this.takeReady(cursor, duty, options) ?? this.wait(cursor, duty, options);
  }

  /** next(), if it is there. */
  takeReady(cursor: FrameCursor, duty: FrameDuty | undefined, options: ReadOptions): Frame | undefined {
    options.signal?.throwIfAborted();
    return this.#take(cursor, duty);
  }

  /** next(), which is not there yet. */
  wait(cursor: FrameCursor, duty: FrameDuty | undefined, options: ReadOptions): Promise<Frame> {
    const waiting = this.#waiters.add(cursor, duty, options, () => this.#noFrame(cursor, options.timeoutMs));
    this.#arm();
    return waiting;
  }

  /** next() that blocks the thread. */
  nextSync(cursor: FrameCursor, timeoutMs: number): Frame {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.#take(cursor, undefined);
      if (frame) return frame;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw this.#noFrame(cursor, timeoutMs);
      if (this.#ring) {
        if (this.#waitSync(this.#ring, cursor, leftMs)) continue;
      } else {
        sleepSync(Math.min(leftMs, reopenMs));
        this.#reopen();
      }
      this.#look();
    }
  }

  /** Frames were overwritten before they were read. */
  tellGap(frame: Frame): void {
    this.#announcer.emit('gap', { missed: frame.missed, sequence: frame.sequence });
  }

  /** Ends everything, for good. */
  close(error?: CamstreamError): void {
    if (this.#end) return;
    this.#end =
      error ?? new CamstreamError('RING_CLOSED', `This reader of ring '${this.name}' was closed by close().`);
    clearTimeout(this.#reopening);
    for (const stream of this.#streams) stream.deref()?.giveBack();
    this.#heritage.kept.releaseAll();
    this.#ring?.native.close();
    this.#ring = undefined;
    this.#waiters.rejectAll(this.#end);
    this.#announcer.emit('closed', error);
  }

  #take(cursor: FrameCursor, duty: FrameDuty | undefined): Frame | undefined {
    this.throwIfClosed();
    const frame = this.#ring && cursor.take(this.#ring, duty);
    if (frame) this.#anticipation?.observe(frame.sequence, frame.publishedAtNs);
    return frame;
  }

  /** Sleeps for a frame; awake again before it is due, if that can be told. True: it is there. */
  #waitSync(ring: OpenRing, cursor: FrameCursor, leftMs: number): boolean {
    const { native } = ring;
    const after = cursor.afterIn(ring);
    const anticipation = this.#anticipation;
    const appointment = anticipation?.appointment(process.hrtime.bigint());
    if (anticipation === undefined || appointment === undefined) return native.waitSync(after, leftMs);
    const sleepMs = appointment.inUs / 1000;
    if (leftMs <= sleepMs) return native.waitSync(after, leftMs);
    if (sleepMs > 0 && native.waitSync(after, sleepMs)) return true;
    return anticipation.keep(native, after, appointment, () => cursor.rehearse(ring));
  }

  // The status costs system calls, which a frame does not wait for.
  #wake(statusChanged: boolean): void {
    if (this.#end) return;
    if (statusChanged) this.#look();
    this.#arm();
  }

  /** Serves who waits, and asks to be woken for the rest. */
  #arm(): void {
    const ring = this.#ring;
    if (!ring) return;
    if (this.#serveOne()) {
      // What that one does with its frame comes before the next is served: it may close the reader.
      if (this.#waiters.any) setImmediate(() => this.#arm());
      return;
    }
    const after = this.#waiters.lowest((cursor) => cursor.afterIn(ring));
    if (after === undefined || this.#ring !== ring) return;
    const anticipation = this.#anticipation;
    const appointment = anticipation?.appointment(process.hrtime.bigint());
    if (anticipation === undefined || appointment === undefined) ring.native.arm(after);
    else if (appointment.inUs > 0) ring.native.arm(after, appointment.inUs);
    else if (anticipation.keep(ring.native, after, appointment, () => this.#waiters.rehearse(ring)))
      this.#arm();
    else ring.native.arm(after);
  }

  #serveOne(): boolean {
    return this.#waiters.serveOne((cursor, duty) => this.#take(cursor, duty));
  }

  /** Notices what has become of the ring. */
  #look(): void {
    if (!this.#ring) return;
    const status = this.#ring.native.status();
    if (isRefused(status)) this.#announcer.warnOfRefusal(this.name, this.#ring.native.refusal());
    if (ringIsGone(status)) this.#leave(this.#ring);
    else this.#announcer.setStalled(stallReason(status));
  }

  #leave(ring: OpenRing): void {
    while (this.#serveOne());
    const { framesBefore, kept, info } = ring;
    this.#heritage = { framesBefore, kept, ringId: info.ringId, frames: ring.native.head() };
    ring.native.retire();
    this.#ring = undefined;
    this.#lostAt = performance.now();
    this.#reopen();
  }

  #reopen(): void {
    if (this.#end || this.#ring) return;
    clearTimeout(this.#reopening);
    const before = this.#info;
    try {
      if (!this.tryOpen()) {
        if (performance.now() - this.#lostAt > absentMs) this.#announcer.setStalled('producer');
        this.#reopening = setTimeout(() => this.#reopen(), reopenMs);
        if (!this.#waiters.any) this.#reopening.unref();
        return;
      }
    } catch (error) {
      this.close(error instanceof CamstreamError ? error : new CamstreamError('RING_SYSTEM', String(error)));
      return;
    }
    this.#keepAlive(this.#waiters.any);
    if (before?.ringId !== this.info.ringId) this.#announcer.emit('restarted', this.info);
    this.#wake(true);
  }

  /** Whoever waits for a frame keeps the process alive. */
  #keepAlive(wanted: boolean): void {
    this.#ring?.native.setRef(wanted);
    if (wanted) this.#reopening?.ref();
    else this.#reopening?.unref();
  }

  get #paused(): 'paused' | undefined {
    return this.#ring && isPaused(this.#ring.native.live()) ? 'paused' : undefined;
  }

  #noFrame(cursor: FrameCursor, timeoutMs: number | undefined): CamstreamError {
    const state = this.#ring ? (this.#announcer.stalled ?? this.#paused ?? 'live') : 'producer';
    const found = {
      live: 'the producer is alive and published none',
      paused:
        'the ring is paused, and filled only while a stream made from it is watched or a reader of another ' +
        'process than the producer has joined, a moment after it has; this one has not, or only just now',
      source: 'the producer waits for its camera',
      heartbeat: 'the producer is stopped',
      producer: 'there is no producer at the moment',
    }[state];
    return new CamstreamError(
      'FRAME_TIMEOUT',
      `Wanted a frame after number ${cursor.after} of ring '${this.name}' within ` +
        `${timeoutMs} ms: ${found}. ` +
        `\`camstream-inspect ${this.name}\` shows more; a longer timeoutMs waits longer.`,
    );
  }
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
