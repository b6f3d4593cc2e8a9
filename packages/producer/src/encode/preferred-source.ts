import type { Log } from '@camstream/core';
import type { Encoder, EncoderLoad, EncoderProblem, EncoderSettings } from './encoder.js';

/** A stream's two ways to its pictures. */
export interface Sources {
  /** Costs nearly nothing; taken while `fits` says so. */
  readonly preferred: Encoder;
  readonly otherwise: Encoder;
  /** Whether the preferred one would give the stream's pictures now. */
  readonly fits: () => boolean;
  /** Told while the other one needs converted frames. */
  readonly wantFrames: (want: boolean) => void;
  readonly log: Log;
}

const lookEveryMs = 1000;
/** After the preferred one had a problem, the other goes on for so long. */
const distrustMs = 10_000;

/**
 * Takes a camera's own pictures while there are any of the stream's kind, else encodes: cameras go away, and
 * come back from a fault in another mode.
 */
export class PreferredSource implements Encoder {
  private chosen: Encoder;
  private active = false;
  private timer: NodeJS.Timeout | undefined;
  private trustedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly sources: Sources,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.chosen = this.choice();
  }

  get name(): string {
    return this.sources.otherwise.name;
  }

  get kind(): string {
    return (this.active ? this.chosen : this.choice()).kind;
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

  setActive(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    clearInterval(this.timer);
    if (active) {
      this.chosen = this.choice();
      this.timer = setInterval(() => this.look(), lookEveryMs).unref();
    }
    this.switch(this.chosen, active);
  }

  setStep(step: number): void {
    this.chosen.setStep(step);
  }

  load(): EncoderLoad {
    const [a, b] = [this.sources.preferred.load(), this.sources.otherwise.load()];
    return {
      latenessMs: this.chosen.load().latenessMs,
      framesIn: a.framesIn + b.framesIn,
      unitsOut: a.unitsOut + b.unitsOut,
      framesDropped: a.framesDropped + b.framesDropped,
      restarts: a.restarts + b.restarts,
    };
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.sources.preferred.close(), this.sources.otherwise.close()]);
  }

  private choice(): Encoder {
    const { preferred, otherwise, fits } = this.sources;
    return this.nowMs() >= this.trustedAtMs && fits() ? preferred : otherwise;
  }

  private look(): void {
    const { chosen, sources } = this;
    if (chosen === sources.preferred && chosen.problem) this.trustedAtMs = this.nowMs() + distrustMs;
    const better = this.choice();
    if (better === this.chosen) return;
    this.switch(this.chosen, false);
    this.chosen = better;
    this.switch(better, true);
    this.sources.log.info({ stream: this.name }, `stream goes on by ${better.kind}`);
  }

  private switch(encoder: Encoder, on: boolean): void {
    if (encoder === this.sources.otherwise) this.sources.wantFrames(on);
    encoder.setActive(on);
  }
}
