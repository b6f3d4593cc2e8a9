import { CamstreamError } from '@camstream/core';
import type { Unit } from '../unit/unit.js';
import type { ViewerQueue } from './viewer-queue.js';

/** Told when somebody begins or ends to want pictures. */
export interface DemandListener {
  add(): void;
  remove(): void;
}

/** One encoded stream: every unit is made once and fanned out to whoever watches. */
export class Stream {
  private readonly viewers = new Set<ViewerQueue>();
  private readonly waiting = new Set<(unit: Unit | undefined) => void>();
  private last: Unit | undefined;
  private publishedCount = 0;
  private ended = false;

  constructor(
    readonly name: string,
    private readonly demand: DemandListener,
  ) {}

  get viewerCount(): number {
    return this.viewers.size;
  }

  get published(): number {
    return this.publishedCount;
  }

  publish(unit: Unit): void {
    this.last = unit;
    ++this.publishedCount;
    for (const viewer of this.viewers) viewer.offer(unit);
    for (const resolve of this.waiting) resolve(unit);
    this.waiting.clear();
  }

  /** Nobody has watched for a while: what was last seen is not what a new viewer should begin with. */
  forget(): void {
    this.last = undefined;
  }

  /** Adds a viewer, who gets the last picture at once if there is one. The function returned removes it. */
  addViewer(viewer: ViewerQueue): () => void {
    if (this.ended) {
      viewer.end();
      return () => {};
    }
    this.viewers.add(viewer);
    this.demand.add();
    if (this.last !== undefined) viewer.offer(this.last);
    return () => {
      if (this.viewers.delete(viewer)) this.demand.remove();
    };
  }

  /** A picture no older than `maxAgeMs`, or the next. Throws PICTURE_TIMEOUT. */
  async picture({ maxAgeMs, timeoutMs }: { maxAgeMs: number; timeoutMs: number }): Promise<Unit> {
    if (this.last !== undefined && ageMs(this.last) <= maxAgeMs) return this.last;
    this.demand.add();
    try {
      const unit = await this.next(timeoutMs);
      if (unit !== undefined) return unit;
    } finally {
      this.demand.remove();
    }
    throw new CamstreamError(
      'PICTURE_TIMEOUT',
      `stream "${this.name}" gave no picture within ${timeoutMs} ms: its camera has stalled or is starting`,
    );
  }

  /** Ends every viewer's stream; nobody can be added any more. */
  end(): void {
    this.ended = true;
    for (const viewer of this.viewers) {
      viewer.end();
      this.demand.remove();
    }
    this.viewers.clear();
    for (const resolve of this.waiting) resolve(undefined);
    this.waiting.clear();
  }

  private next(timeoutMs: number): Promise<Unit | undefined> {
    if (this.ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      const settle = (unit: Unit | undefined) => {
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve(unit);
      };
      this.waiting.add(settle);
    });
  }
}

function ageMs(unit: Unit): number {
  return Number(process.hrtime.bigint() - unit.capturedAtNs) / 1e6;
}
