import type { LoadConfig } from '../config/config.js';
import type { Encoder } from '../encode/encoder.js';
import type { CaptureLoss } from './capture-loss.js';
import { EncoderStrain, type Strain } from './encoder-strain.js';

/** A stream whose encoder is stepped. */
export interface ControlledStream {
  readonly encoder: Pick<Encoder, 'name' | 'kind' | 'steps' | 'step' | 'setStep' | 'load'>;
  /** Pictures that its encoder keeps back by design. */
  readonly delayFrames: number;
  /** Whether its camera loses frames. */
  readonly capture: CaptureLoss;
}

/** What load control has done to a stream so far. */
export interface LoadReport {
  readonly steppedDown: number;
  readonly steppedUp: number;
  readonly strain: Strain;
}

const mostPatience = 32;

/** One stream's way down and up, step by step; when is its own affair, whether now is quality.ts's. */
export class Ladder {
  private readonly strain: EncoderStrain;
  private current: Strain = 'idle';
  private lateSinceMs: number | undefined;
  private calmSinceMs: number | undefined;
  private steppedUpAtMs: number | undefined;
  /** Calm times to wait before a step up: doubled by each that was too early. */
  private patience = 1;
  private down = 0;
  private up = 0;

  constructor(
    private readonly stream: ControlledStream,
    private readonly config: LoadConfig,
  ) {
    this.strain = new EncoderStrain(stream.encoder, stream.delayFrames);
  }

  get name(): string {
    return this.stream.encoder.name;
  }

  get step(): number {
    return this.stream.encoder.step;
  }

  get ratio(): number {
    return this.strain.ratio;
  }

  get isLate(): boolean {
    return this.lateSinceMs !== undefined;
  }

  get report(): LoadReport {
    return { steppedDown: this.down, steppedUp: this.up, strain: this.current };
  }

  look(nowMs: number): void {
    const strain = this.strain.look(nowMs);
    // While the camera loses frames for want of time, less is enough to be too much.
    const losing = this.stream.capture.isLosing(nowMs);
    this.current = losing && strain === 'strained' ? 'late' : strain;
    if (this.current === 'late') this.lateSinceMs ??= nowMs;
    else this.lateSinceMs = undefined;
    if (this.current === 'calm') this.calmSinceMs ??= nowMs;
    else this.calmSinceMs = undefined;
    if (this.heldSinceUp(nowMs) >= 2 * this.waitMs) {
      this.patience = 1;
      this.steppedUpAtMs = undefined;
    }
  }

  isDueDown(nowMs: number): boolean {
    const { lateSinceMs, stream, step } = this;
    if (lateSinceMs === undefined || step >= stream.encoder.steps.length - 1) return false;
    return nowMs - lateSinceMs >= this.config.afterMs;
  }

  isDueUp(nowMs: number): boolean {
    return this.calmSinceMs !== undefined && this.step > 0 && nowMs - this.calmSinceMs >= this.waitMs;
  }

  /** Goes one step; what the log says of it. */
  take(direction: 1 | -1, nowMs: number): Record<string, unknown> {
    const { encoder } = this.stream;
    const late = Math.round(encoder.load().latenessMs);
    if (direction === 1) {
      ++this.down;
      // Too early: it did not hold for as long as was waited for it.
      if (this.heldSinceUp(nowMs) < 2 * this.waitMs)
        this.patience = Math.min(this.patience * 2, mostPatience);
      this.steppedUpAtMs = undefined;
    } else {
      ++this.up;
      this.steppedUpAtMs = nowMs;
    }
    encoder.setStep(encoder.step + direction);
    this.lateSinceMs = undefined;
    this.calmSinceMs = undefined;
    const settings = encoder.steps[encoder.step]?.text;
    return {
      stream: this.name,
      step: `${encoder.step} of ${encoder.steps.length - 1}`,
      settings,
      latenessMs: late,
      ...(this.patience > 1 ? { nextUpAfterMs: this.waitMs } : {}),
    };
  }

  private get waitMs(): number {
    return this.config.calmMs * this.patience;
  }

  /** Since the last step up; NaN without one: no comparison holds. */
  private heldSinceUp(nowMs: number): number {
    return this.steppedUpAtMs === undefined ? Number.NaN : nowMs - this.steppedUpAtMs;
  }
}
