import { type H264Unit, unitBytes } from '../unit/unit.js';
import type { Delivery } from './delivery.js';
import type { Viewer } from './viewer.js';

/** How far behind a viewer may be before it loses pictures. */
export interface QueueLimits {
  readonly ms: number;
  readonly bytes: number;
}

/** A viewer's socket as the queue sees it. */
export interface TimedUnitSink {
  /** Sends a unit that is to be shown as of `atNs`. False: call drained() before the next. */
  send(unit: H264Unit, atNs: bigint): boolean;
  /** The stream ends: no unit follows. */
  end(): void;
}

interface Entry {
  readonly unit: H264Unit;
  readonly atNs: bigint;
  readonly bytes: number;
}

/** Between units that a viewer begins with: two times of a 90 kHz clock. */
const stepNs = 12_000n;

/** When a viewer who joins with `units` shows them: the last at its own time, the others right before. */
export function endingAtLive(units: readonly H264Unit[]): { unit: H264Unit; atNs: bigint }[] {
  const lastNs = units.at(-1)?.capturedAtNs ?? 0n;
  return units.map((unit, index) => ({ unit, atNs: lastNs - BigInt(units.length - 1 - index) * stepNs }));
}

/**
 * One viewer's queue of H.264, bounded in time and bytes. What goes over the bound loses everything up to the
 * next key frame: the newest that waits already, or the one to come. Nobody else notices.
 */
export class KeyFrameQueue implements Viewer<H264Unit> {
  private waiting: Entry[] = [];
  private bytes = 0;
  private blocked = false;
  /** Units depend on one that the viewer has not got. */
  private wantsKeyFrame = true;

  constructor(
    private readonly sink: TimedUnitSink,
    readonly delivery: Delivery,
    private readonly limits: QueueLimits,
  ) {}

  /** The socket has not taken all of the last unit yet. */
  get isBlocked(): boolean {
    return this.blocked;
  }

  begin(units: readonly H264Unit[]): void {
    for (const { unit, atNs } of endingAtLive(units)) this.add(unit, atNs);
  }

  offer(unit: H264Unit): void {
    this.add(unit, unit.capturedAtNs);
  }

  drained(): void {
    this.blocked = false;
    while (!this.blocked) {
      const entry = this.waiting.shift();
      if (entry === undefined) return;
      this.bytes -= entry.bytes;
      this.send(entry);
    }
  }

  end(): void {
    this.waiting = [];
    this.bytes = 0;
    this.sink.end();
  }

  private add(unit: H264Unit, atNs: bigint): void {
    if (this.wantsKeyFrame && !unit.keyFrame) {
      // Before its first key frame a viewer has lost nothing.
      if (this.delivery.sent > 0) this.delivery.drop();
      return;
    }
    this.wantsKeyFrame = false;
    const entry = { unit, atNs, bytes: unitBytes(unit) };
    if (!this.blocked) {
      this.send(entry);
      return;
    }
    this.waiting.push(entry);
    this.bytes += entry.bytes;
    if (this.isOver()) this.dropToKeyFrame();
  }

  private isOver(): boolean {
    const [oldest] = this.waiting;
    const newest = this.waiting.at(-1);
    if (oldest === undefined || newest === undefined) return false;
    const waitedMs = Number(newest.atNs - oldest.atNs) / 1e6;
    return waitedMs > this.limits.ms || this.bytes > this.limits.bytes;
  }

  private dropToKeyFrame(): void {
    const from = this.waiting.findLastIndex(({ unit }) => unit.keyFrame);
    this.leaveOut(from < 0 ? this.waiting.length : from);
    // A key frame that the viewer still has not taken when its group is over the bound as well.
    if (from <= 0 || this.isOver()) this.leaveOut(this.waiting.length);
    this.wantsKeyFrame = this.waiting.length === 0;
  }

  private leaveOut(count: number): void {
    for (const { bytes } of this.waiting.splice(0, count)) this.bytes -= bytes;
    this.delivery.drop(count);
  }

  private send({ unit, atNs, bytes }: Entry): void {
    this.delivery.send(bytes);
    this.blocked = !this.sink.send(unit, atNs);
  }
}
