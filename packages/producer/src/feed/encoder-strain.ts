import type { Encoder, EncoderLoad } from '../encode/encoder.js';

/** How an encoder does: `settling` and `idle` say nothing, the first because it has just begun or changed. */
export type Strain = 'idle' | 'settling' | 'calm' | 'strained' | 'late';

/** One encoder as load control sees it. */
export type StrainedEncoder = Pick<Encoder, 'steps' | 'step' | 'load'>;

const windowMs = 2000;
const idleMs = 2000;
const settleMs = 2000;
/** Of a frame's time: one to wait for the encoder, one in it; what is over is queueing. */
const allowedFrames = 2;
const allowedMs = 20;
const allowedShareDropped = 0.1;
const calmBelow = 0.6;

/** Judges one encoder by how late its pictures are and how many of them it had to leave out. */
export class EncoderStrain {
  private looks: { readonly atMs: number; readonly load: EncoderLoad }[] = [];
  private workedAtMs = Number.NEGATIVE_INFINITY;
  private settledAtMs = 0;
  private step: number;
  private lastRatio = 0;

  /** `delayFrames`: pictures that the encoder keeps back by design (look-ahead); they are not lateness. */
  constructor(
    private readonly encoder: StrainedEncoder,
    private readonly delayFrames: number,
  ) {
    this.step = encoder.step;
  }

  /** How far it is from keeping up: 1 is the limit. Of the last look(). */
  get ratio(): number {
    return this.lastRatio;
  }

  /** To be asked a few times a second. `nowMs`: any steady clock. */
  look(nowMs: number): Strain {
    const load = this.encoder.load();
    const last = this.looks.at(-1);
    const worked =
      last !== undefined && load.framesIn + load.framesDropped > last.load.framesIn + last.load.framesDropped;
    if (worked && nowMs - this.workedAtMs > this.idleAfterMs) this.settle(nowMs);
    if (worked) this.workedAtMs = nowMs;
    if (this.encoder.step !== this.step || load.restarts !== (last?.load.restarts ?? load.restarts))
      this.settle(nowMs);
    this.step = this.encoder.step;
    this.looks.push({ atMs: nowMs, load });
    while (this.looks.length > 2 && nowMs - (this.looks[1]?.atMs ?? nowMs) >= windowMs) this.looks.shift();
    this.lastRatio = Math.max(load.latenessMs / this.limitMs, this.shareDropped(load) / allowedShareDropped);
    if (nowMs - this.workedAtMs > this.idleAfterMs) return 'idle';
    if (nowMs < this.settledAtMs) return 'settling';
    if (this.lastRatio > 1) return 'late';
    return this.lastRatio < calmBelow ? 'calm' : 'strained';
  }

  private settle(nowMs: number): void {
    this.settledAtMs = nowMs + settleMs;
    this.looks = [];
  }

  private get frameMs(): number {
    return 1000 / (this.encoder.steps[this.encoder.step]?.rate || 30);
  }

  private get limitMs(): number {
    return (allowedFrames + this.delayFrames) * this.frameMs + allowedMs;
  }

  /** A stream of a picture every few seconds is not idle in between. */
  private get idleAfterMs(): number {
    return Math.max(idleMs, 3 * this.frameMs);
  }

  private shareDropped(load: EncoderLoad): number {
    const first = this.looks[0]?.load ?? load;
    const dropped = load.framesDropped - first.framesDropped;
    const all = dropped + load.framesIn - first.framesIn;
    return all === 0 ? 0 : dropped / all;
  }
}
