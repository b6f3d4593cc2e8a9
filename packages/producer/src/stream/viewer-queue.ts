import type { JpegUnit } from '../unit/unit.js';
import type { Delivery } from './delivery.js';
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

  constructor(
    private readonly sink: UnitSink,
    readonly delivery: Delivery,
    /** Which pictures the viewer wants at all; the others are no loss. */
    private readonly wants: (unit: JpegUnit) => boolean = () => true,
  ) {}

  /** The socket has not taken all of the last picture yet. */
  get isBlocked(): boolean {
    return this.blocked;
  }

  begin(units: readonly JpegUnit[]): void {
    const newest = units.at(-1);
    if (newest !== undefined) this.offer(newest);
  }

  offer(unit: JpegUnit): void {
    if (!this.wants(unit)) return;
    if (!this.blocked) {
      this.send(unit);
      return;
    }
    if (this.waiting !== undefined) this.delivery.drop();
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
    this.delivery.send(unit.data.length);
    this.blocked = !this.sink.send(unit, this.delivery.dropped);
  }
}
