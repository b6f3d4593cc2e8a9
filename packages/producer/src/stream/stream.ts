import { CamstreamError } from '@camstream/core';
import type { Unit } from '../unit/unit.js';
import { Audience } from './audience.js';
import { KeyframeCache } from './keyframe-cache.js';
import type { Viewer } from './viewer.js';

/** Told when somebody begins or ends to want pictures. */
export interface DemandListener {
  add(): void;
  remove(): void;
}

/** One encoded stream: every unit is made once and fanned out to whoever watches. */
export class Stream<U extends Unit = Unit> {
  /** Who watches, for status and metrics. */
  readonly audience = new Audience();
  private readonly viewers = new Set<Viewer<U>>();
  private readonly waiting = new Set<(unit: U | undefined) => void>();
  private readonly cache = new KeyframeCache<U>();
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

  /** The newest unit; undefined while nobody has watched for a while. */
  get newest(): U | undefined {
    return this.cache.newest;
  }

  /** What a viewer who joined now would begin with, oldest first. */
  get beginning(): readonly U[] {
    return this.cache.units;
  }

  publish(unit: U): void {
    this.cache.add(unit);
    ++this.publishedCount;
    for (const viewer of this.viewers) viewer.offer(unit);
    for (const resolve of this.waiting) resolve(unit);
    this.waiting.clear();
  }

  /** Nobody has watched for a while: what was last seen is not what a new viewer should begin with. */
  forget(): void {
    this.cache.clear();
  }

  /** Adds a viewer, who gets at once what there is to begin with. The function returned removes it. */
  addViewer(viewer: Viewer<U>): () => void {
    if (this.ended) {
      viewer.end();
      return () => {};
    }
    this.viewers.add(viewer);
    this.audience.enter(viewer.delivery);
    this.demand.add();
    if (this.cache.units.length > 0) viewer.begin(this.cache.units);
    return () => {
      this.audience.leave(viewer.delivery);
      if (this.viewers.delete(viewer)) this.demand.remove();
    };
  }

  /** A unit no older than `maxAgeMs`, or the next. Throws PICTURE_TIMEOUT. */
  async picture({ maxAgeMs, timeoutMs }: { maxAgeMs: number; timeoutMs: number }): Promise<U> {
    const { newest } = this.cache;
    if (newest !== undefined && ageMs(newest) <= maxAgeMs) return newest;
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

  private next(timeoutMs: number): Promise<U | undefined> {
    if (this.ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      const settle = (unit: U | undefined) => {
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
