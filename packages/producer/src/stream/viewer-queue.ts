import type { Unit } from '../unit/unit.js';

/** A viewer's socket as the queue sees it. */
export interface UnitSink {
  /** Sends a picture; `dropped` counts those missed so far. False: call drained() before the next. */
  send(unit: Unit, dropped: number): boolean;
  /** The stream ends: no picture follows. */
  end(): void;
}

/**
 * One viewer's queue of at most one picture: the newest, sent when the socket has drained. A slow viewer
 * skips pictures, and nobody else notices.
 */
export class ViewerQueue {
  private waiting: Unit | undefined;
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

  offer(unit: Unit): void {
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

  private send(unit: Unit): void {
    ++this.sentCount;
    this.blocked = !this.sink.send(unit, this.droppedCount);
  }
}
