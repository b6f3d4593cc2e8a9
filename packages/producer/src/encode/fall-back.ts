import type { H264EncoderName } from '../config/h264-encoders.js';
import { BackOff, type BackOffTimes } from './back-off.js';
import type { EncoderFallBack, EncoderProblem } from './encoder.js';

/** After a better encoder has come back, one failure within this time is enough to leave it again. */
const probationMs = 60_000;
/** Something else is being changed: not now. */
const postponedMs = 5000;

/** The better encoders that failed and that another stands in for, and when they are tried again. */
export class FallBack {
  static readonly times: BackOffTimes = { firstMs: 60_000, mostMs: 600_000, heldMs: 600_000 };
  /** The next to be tried comes first. */
  private better: { readonly encoder: H264EncoderName; problem: EncoderProblem }[] = [];
  private readonly backOff: BackOff;
  private dueAtMs = 0;
  private returnedAtMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(
    private readonly tryAgain: (encoder: H264EncoderName) => void,
    times: BackOffTimes = FallBack.times,
  ) {
    this.backOff = new BackOff(times);
  }

  /** undefined: the best encoder there is, is at work. */
  get inForce(): EncoderFallBack | undefined {
    const [first] = this.better;
    const retryInMs = Math.max(0, Math.round(this.dueAtMs - performance.now()));
    return first && { from: first.encoder, problem: first.problem, retryInMs };
  }

  get isOnProbation(): boolean {
    return performance.now() - this.returnedAtMs < probationMs;
  }

  /** Tries are made only while it runs; what falls due meanwhile is tried then. */
  setRunning(running: boolean): void {
    this.running = running;
    this.arm();
  }

  /** An encoder that was at work has failed for good. */
  add(encoder: H264EncoderName, problem: EncoderProblem): void {
    this.better.push({ encoder, problem });
    this.wait(this.backOff.failed());
  }

  /** A try has failed: the next is of another one, if there is one. Returns the pause until then, ms. */
  failed(problem: EncoderProblem): number {
    const [first, ...others] = this.better;
    if (first !== undefined) this.better = [...others, { ...first, problem }];
    const pauseMs = this.backOff.failed();
    this.wait(pauseMs);
    return pauseMs;
  }

  /** A try was broken off by something that says nothing of the encoder. */
  postpone(): void {
    this.wait(postponedMs);
  }

  /** The one that was tried is at work. */
  returned(isBetter: (other: H264EncoderName) => boolean): void {
    this.better = this.better.slice(1).filter(({ encoder }) => isBetter(encoder));
    this.returnedAtMs = performance.now();
    this.backOff.worked();
    if (this.better.length > 0) this.wait(FallBack.times.firstMs);
    this.arm();
  }

  private wait(pauseMs: number): void {
    this.dueAtMs = performance.now() + pauseMs;
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.timer);
    const [first] = this.better;
    if (!this.running || first === undefined) return;
    const pauseMs = Math.max(0, this.dueAtMs - performance.now());
    this.timer = setTimeout(() => this.tryAgain(first.encoder), pauseMs).unref();
  }
}
