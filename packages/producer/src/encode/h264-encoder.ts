import { CamstreamError, ringInfoOf } from '@camstream/core';
import { type H264EncoderName, h264Encoders } from '../config/h264-encoders.js';
import { Seldom } from '../log/seldom.js';
import type { H264Unit } from '../unit/unit.js';
import type { Encoder, EncoderFallBack, EncoderLoad, EncoderProblem } from './encoder.js';
import { EncoderRun } from './encoder-run.js';
import { FallBack } from './fall-back.js';
import type { H264EncoderOptions } from './h264-encoder-options.js';
import { type H264Step, h264Steps } from './h264-steps.js';
import { Lateness } from './lateness.js';
import { RecentFailures } from './recent-failures.js';

/**
 * Keeps an encoder at work while somebody wants pictures. One that fails or is to be another is replaced: the
 * next one starts beside it and takes over with its first key frame that is newer than what was published.
 */
export class H264Encoder implements Encoder {
  readonly name: string;
  private encoder: H264EncoderName | undefined;
  private current: EncoderRun | undefined;
  /** Starting beside `current`, or alone. */
  private next: EncoderRun | undefined;
  /** `next`, if it is a better encoder that had failed and is tried again. */
  private trial: EncoderRun | undefined;
  /** It has given its first key frame: `current` ends where the next key frame would be. */
  private nextIsReady = false;
  private active = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private stepIndex = 0;
  private newestNs = 0n;
  private readonly ending = new Set<Promise<void>>();
  private readonly failures = new RecentFailures();
  private readonly better: FallBack;
  private readonly lateness = new Lateness();
  private readonly seldom: Seldom;
  private lastProblem: EncoderProblem | undefined;
  private readonly totals = { framesIn: 0, unitsOut: 0, framesDropped: 0, restarts: 0 };

  constructor(private readonly options: H264EncoderOptions) {
    this.name = options.name;
    this.seldom = new Seldom(options.log, 'warn');
    this.better = new FallBack((encoder) => this.tryAgain(encoder), options.retry);
  }

  get kind(): string {
    return this.encoder ?? this.options.encoder;
  }

  get steps(): readonly H264Step[] {
    const { settings, from, rate, adapt } = this.options;
    const hasPresets = this.encoder === undefined || this.encoder === 'libx264';
    const nominal = rate || ringInfoOf(from.info()).rate;
    return h264Steps({ preset: settings.preset, rate: nominal, adapt, hasPresets });
  }

  get step(): number {
    return this.stepIndex;
  }

  get problem(): EncoderProblem | undefined {
    return this.lastProblem;
  }

  get fallBack(): EncoderFallBack | undefined {
    return this.better.inForce;
  }

  /** Of the ffmpeg at work. */
  get pid(): number | undefined {
    return (this.current ?? this.next)?.pid;
  }

  /** Finds the encoder before anybody watches, and says if there is none. */
  async prepare(): Promise<void> {
    try {
      this.encoder ??= await this.options.hardware.choose(this.options.encoder);
    } catch (error) {
      if (!(error instanceof CamstreamError)) throw error;
      this.note(error);
    }
  }

  setActive(active: boolean): void {
    if (this.closed || active === this.active) return;
    this.active = active;
    this.options.wantFrames?.(active);
    this.better.setRunning(active);
    if (active) {
      void this.replace();
      return;
    }
    clearTimeout(this.timer);
    this.retire(this.current);
    this.current = undefined;
    this.dropNext();
    this.lateness.clear();
    // That there is none at all stays true while nobody watches.
    if (this.encoder !== undefined) this.lastProblem = undefined;
  }

  setStep(step: number): void {
    const { steps } = this;
    const wanted = Math.max(0, Math.min(step, steps.length - 1));
    if (wanted === this.stepIndex) return;
    const before = steps[this.stepIndex];
    this.stepIndex = wanted;
    for (const run of [this.current, this.next]) run?.setRate(this.rate());
    const next = steps[wanted];
    const isOther = before?.preset !== next?.preset || before?.scale !== next?.scale;
    if (this.active && isOther) void this.replace();
  }

  load(): EncoderLoad {
    const { framesIn, framesDropped } = this.current?.counters() ?? { framesIn: 0, framesDropped: 0 };
    return {
      ...this.totals,
      latenessMs: this.lateness.p90Ms,
      framesIn: this.totals.framesIn + framesIn,
      framesDropped: this.totals.framesDropped + framesDropped,
    };
  }

  async close(): Promise<void> {
    this.setActive(false);
    this.closed = true;
    await Promise.all(this.ending);
  }

  /** Frames a second as the step wants them; 0 is the ring's own. */
  private rate(step = this.stepIndex): number {
    return step === 0 ? this.options.rate : (this.steps[step]?.rate ?? this.options.rate);
  }

  /** Starts another encoder beside the one at work; one that was starting makes way. */
  private async replace(): Promise<void> {
    clearTimeout(this.timer);
    this.dropNext();
    try {
      this.encoder ??= await this.options.hardware.choose(this.options.encoder);
    } catch (error) {
      if (!(error instanceof CamstreamError)) throw error;
      this.giveUp(error);
      return;
    }
    // Whatever happened while it was chosen counts.
    if (!this.active || this.next !== undefined) return;
    this.next = this.begin(this.encoder);
  }

  /** Starts a better encoder beside the one that stands in for it. */
  private tryAgain(encoder: H264EncoderName): void {
    if (this.next !== undefined || this.current === undefined) {
      this.better.postpone();
      return;
    }
    this.options.log.info({ stream: this.name, encoder }, 'the better encoder is tried again');
    this.nextIsReady = false;
    this.trial = this.begin(encoder, 0);
    this.next = this.trial;
  }

  private returned(run: EncoderRun): void {
    const { encoder } = run;
    this.options.log.info({ stream: this.name, from: this.encoder, encoder }, 'the better encoder is back');
    this.trial = undefined;
    this.encoder = encoder;
    this.stepIndex = 0;
    this.failures.clear();
    run.setRate(this.rate());
    this.better.returned((other) => h264Encoders.indexOf(other) < h264Encoders.indexOf(encoder));
  }

  private trialFailed(error: CamstreamError): void {
    const encoder = this.trial?.encoder;
    this.dropNext();
    if (error.code === 'FEED_LAYOUT') return;
    const { code, message } = error;
    const facts = { stream: this.name, encoder, code, retryInMs: this.better.failed({ code, message }) };
    this.options.log.warn(facts, `the better encoder fails still: ${message}`);
  }

  private dropNext(): void {
    this.retire(this.next);
    this.next = undefined;
    this.nextIsReady = false;
    if (this.trial !== undefined) this.better.postpone();
    this.trial = undefined;
  }

  private begin(encoder: H264EncoderName, step = this.stepIndex): EncoderRun {
    const { addon, from, settings, hardware } = this.options;
    const { preset = settings.preset, scale = 1 } = this.steps[step] ?? {};
    const run: EncoderRun = new EncoderRun({
      ...{ addon, from, encoder, program: hardware.program },
      settings: { ...settings, preset, scale },
      rate: this.rate(step),
      onUnit: (unit) => this.take(run, unit),
      onFailure: (error) => this.failed(run, error),
    });
    return run;
  }

  private take(run: EncoderRun, unit: H264Unit): void {
    if (run === this.next) {
      this.nextIsReady = true;
      if (!unit.keyFrame || unit.capturedAtNs <= this.newestNs) return;
      this.retire(this.current);
      this.current = run;
      this.next = undefined;
      if (run === this.trial) this.returned(run);
      if (run.copies) this.seldom.line({ stream: this.name }, copyingText);
    } else if (run !== this.current) return;
    else if (unit.keyFrame && this.next !== undefined && this.nextIsReady) {
      // The next encoder has this key frame, too, and goes on from there.
      this.retire(run);
      this.current = undefined;
      return;
    }
    this.newestNs = unit.capturedAtNs;
    this.lastProblem = undefined;
    this.lateness.add(unit.capturedAtNs);
    ++this.totals.unitsOut;
    this.options.publish(unit);
  }

  private failed(run: EncoderRun, error: CamstreamError): void {
    if (run === this.trial) {
      this.trialFailed(error);
      return;
    }
    this.retire(run);
    if (run === this.current) this.current = undefined;
    if (run === this.next) this.next = undefined;
    ++this.totals.restarts;
    // New pictures want a new encoder: nobody's fault.
    if (error.code === 'FEED_LAYOUT') {
      this.options.log.info({ stream: this.name }, error.message);
      if (this.next === undefined) void this.replace();
      return;
    }
    this.note(error);
    const count = this.failures.note();
    if (this.next !== undefined) return; // It takes over when it can.
    const isTooMuch = count >= RecentFailures.tooMany || this.better.isOnProbation;
    if (!isTooMuch || this.options.encoder !== 'auto') this.later(this.failures.pauseMs);
    else void this.toNext(error);
  }

  /** To the next encoder that works; without one it is tried again for as long as it takes. */
  private async toNext({ code, message }: CamstreamError): Promise<void> {
    const { hardware, log } = this.options;
    const from = this.encoder;
    try {
      const encoder = await hardware.choose('auto', from);
      log.warn({ stream: this.name, from, encoder }, 'the encoder failed too often; another takes over');
      if (from !== undefined) this.better.add(from, { code, message });
      this.encoder = encoder;
      this.stepIndex = 0;
      this.failures.clear();
      this.later(0);
    } catch (error) {
      if (!(error instanceof CamstreamError)) throw error;
      this.later(this.failures.pauseMs);
    }
  }

  /** There is no encoder: said once, and tried again now and then. */
  private giveUp(error: CamstreamError): void {
    this.note(error);
    this.later(noEncoderPauseMs);
  }

  private note(error: CamstreamError): void {
    const { code, message } = error;
    this.lastProblem = { code, message };
    this.seldom.line({ stream: this.name, encoder: this.kind, code }, `H.264 encoder: ${message}`);
  }

  private later(pauseMs: number): void {
    clearTimeout(this.timer);
    if (this.active) this.timer = setTimeout(() => void this.replace(), pauseMs);
  }

  private retire(run: EncoderRun | undefined): void {
    if (run === undefined) return;
    const ended = run.close();
    const { framesIn, framesDropped } = run.counters();
    if (run === this.current) {
      this.totals.framesIn += framesIn;
      this.totals.framesDropped += framesDropped;
    }
    this.ending.add(ended);
    void ended.finally(() => this.ending.delete(ended));
  }
}

const noEncoderPauseMs = 2000;
const copyingText =
  'pictures are copied for the encoder (vmsplice is refused here), which costs more processor time';
