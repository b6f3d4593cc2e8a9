import type { Log } from '@camstream/core';
import type { Unit } from '../unit/unit.js';
import { BackOff } from './back-off.js';
import type { Encoder, EncoderFallBack, EncoderLoad, EncoderProblem, EncoderSettings } from './encoder.js';

/** Makes one of a stream's two encoders. */
export type SourceMaker<U extends Unit> = (publish: (unit: U) => void) => Encoder;

/** A stream's two ways to its pictures. */
export interface Sources<U extends Unit> {
  /** Costs nearly nothing; taken while `fits` says so. */
  readonly preferred: SourceMaker<U>;
  readonly otherwise: SourceMaker<U>;
  /** Whether the preferred one would give the stream's pictures now. */
  readonly fits: () => boolean;
  /** Pictures a second that are expected; 0: unknown. */
  readonly rate: number;
  readonly publish: (unit: U) => void;
  readonly log: Log;
}

const lookEveryMs = 250;
/** The first picture of the preferred one is waited for so long before the other begins as well. */
const firstMs = 500;
/** Without pictures for so long, the other takes over. */
const silentMs = 1500;
/** After the preferred one failed, the other goes on for so long. */
const distrust = { firstMs: 10_000, mostMs: 600_000, heldMs: 60_000 };

/**
 * Takes a camera's own pictures while there are any of the stream's kind, else encodes: cameras go away, and
 * come back from a fault in another mode. Each takes over with its first picture that decoding can begin with
 * and that is newer than what was published; the other one goes on until then.
 */
export class PreferredSource<U extends Unit> implements Encoder {
  private readonly preferred: Encoder;
  private readonly otherwise: Encoder;
  /** Whose pictures are published. */
  private shown: Encoder | undefined;
  private readonly on = new Set<Encoder>();
  private readonly trust: BackOff;
  private active = false;
  private timer: NodeJS.Timeout | undefined;
  private newestNs = 0n;
  /** Of the preferred one: its last picture, or that it was switched on. */
  private heardAtMs = 0;

  constructor(
    private readonly sources: Sources<U>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.preferred = sources.preferred((unit) => this.take(this.preferred, unit));
    this.otherwise = sources.otherwise((unit) => this.take(this.otherwise, unit));
    this.trust = new BackOff(distrust, nowMs);
  }

  get name(): string {
    return this.otherwise.name;
  }

  get kind(): string {
    return this.chosen.kind;
  }

  get steps(): readonly EncoderSettings[] {
    return this.chosen.steps;
  }

  get step(): number {
    return this.chosen.step;
  }

  get problem(): EncoderProblem | undefined {
    return this.chosen.problem;
  }

  get fallBack(): EncoderFallBack | undefined {
    return this.chosen.fallBack;
  }

  setActive(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    clearInterval(this.timer);
    this.shown = undefined;
    if (active) this.timer = setInterval(() => this.look(), lookEveryMs).unref();
    this.look();
  }

  setStep(step: number): void {
    this.chosen.setStep(step);
  }

  load(): EncoderLoad {
    const [a, b] = [this.preferred.load(), this.otherwise.load()];
    return {
      latenessMs: this.chosen.load().latenessMs,
      framesIn: a.framesIn + b.framesIn,
      unitsOut: a.unitsOut + b.unitsOut,
      framesDropped: a.framesDropped + b.framesDropped,
      restarts: a.restarts + b.restarts,
    };
  }

  async close(): Promise<void> {
    this.setActive(false);
    await Promise.all([this.preferred.close(), this.otherwise.close()]);
  }

  /** Whose pictures are seen, or would be. */
  private get chosen(): Encoder {
    return this.shown ?? (this.fits ? this.preferred : this.otherwise);
  }

  private get fits(): boolean {
    return this.trust.remainingMs === 0 && this.sources.fits();
  }

  private get isSilent(): boolean {
    const frameMs = 1000 / (this.sources.rate || 30);
    const patienceMs =
      this.shown === this.preferred ? Math.max(silentMs, 3 * frameMs) : firstMs + 2 * frameMs;
    return this.nowMs() - this.heardAtMs > patienceMs;
  }

  /** Who has to be at work now. */
  private look(): void {
    if (this.on.has(this.preferred) && this.preferred.problem !== undefined) this.trust.failed();
    const fits = this.active && this.fits;
    this.switch(this.preferred, fits);
    const isEnough = fits && !this.isSilent && this.shown !== this.otherwise;
    this.switch(this.otherwise, this.active && !isEnough);
  }

  private take(source: Encoder, unit: U): void {
    if (!this.on.has(source)) return;
    if (source === this.preferred) this.heardAtMs = this.nowMs();
    if (unit.capturedAtNs <= this.newestNs || (source !== this.shown && !this.takesOver(source, unit)))
      return;
    this.newestNs = unit.capturedAtNs;
    this.sources.publish(unit);
  }

  private takesOver(source: Encoder, unit: U): boolean {
    if (unit.codec === 'h264' && !unit.keyFrame) return false;
    const before = this.shown;
    if (source === this.preferred) {
      this.trust.worked();
      this.switch(this.otherwise, false);
    } else if (before === this.preferred && this.on.has(before)) {
      if (this.fits && !this.isSilent) return false;
      // The camera is there and gives nothing: it is left alone for a while.
      if (this.fits) this.trust.failed();
      this.switch(before, false);
    }
    this.shown = source;
    if (before !== undefined)
      this.sources.log.info({ stream: this.name }, `stream goes on by ${source.kind}`);
    return true;
  }

  private switch(encoder: Encoder, on: boolean): void {
    if (on === this.on.has(encoder)) return;
    if (on) this.on.add(encoder);
    else this.on.delete(encoder);
    if (on && encoder === this.preferred) this.heardAtMs = this.nowMs();
    encoder.setActive(on);
  }
}
