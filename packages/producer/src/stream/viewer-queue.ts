import type { JpegUnit } from '../unit/unit.js';
import type { Viewer } from './viewer.js';

/** A viewer's socket as the queue sees it. */
export interface UnitSink {
  /** Sends a picture; `dropped` counts those missed so far. False: call drained() before the next. */
  send(unit: JpegUnit, dropped: number): boolean;
  /** The stream ends: no picture follows. */
  end(): void;
}

/**
 * One viewer's queue of at most one picture: the newest, sent when the socket has drained. A slow viewer
 * skips pictures, and nobody else notices.
 */
export class ViewerQueue implements Viewer<JpegUnit> {
  private waiting: JpegUnit | undefined;
  private blocked = false;
  private droppedCount = 0;
  private sentCount = 0;

  constructor(private readonly sink: UnitSink) {}

  /** Pictures replaced by newer ones before they could be sent. */
  get dropped(): number {
    return this.droppedCount;
  }

  /** Pictures handed to the socket. */
  get sent(): number {
    return this.sentCount;
  }

  /** The socket has not taken all of the last picture yet. */
  get isBlocked(): boolean {
    return this.blocked;
  }

  begin(units: readonly JpegUnit[]): void {
    const newest = units.at(-1);
    if (newest !== undefined) this.offer(newest);
  }

  offer(unit: JpegUnit): void {
    if (!this.blocked) {
      this.send(unit);
      return;
    }
    if (this.waiting !== undefined) ++this.droppedCount;
    this.waiting = unit;
  }

  drained(): void {
    this.blocked = false;
    const unit = this.waiting;
    this.waiting = undefined;
    if (unit !== undefined) this.send(unit);
  }

  end(): void {
    this.waiting = undefined;
    this.sink.end();
  }

  private send(unit: JpegUnit): void {
    ++this.sentCount;
    this.blocked = !this.sink.send(unit, this.droppedCount);
  }
}
