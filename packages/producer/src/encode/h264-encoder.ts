import {
  type CameraAddon,
  CamstreamError,
  type Log,
  type NativeCapture,
  type NativeConversion,
  ringInfoOf,
} from '@camstream/core';
import type { H264EncoderName } from '../config/h264-encoders.js';
import { Seldom } from '../log/seldom.js';
import type { H264Unit } from '../unit/unit.js';
import type { Encoder, EncoderLoad, EncoderProblem } from './encoder.js';
import { EncoderRun } from './encoder-run.js';
import type { H264Settings } from './ffmpeg-arguments.js';
import { type H264Step, h264Steps } from './h264-steps.js';
import type { Hardware } from './hardware.js';
import { Lateness } from './lateness.js';
import { RecentFailures } from './recent-failures.js';

/** What one stream's H.264 is made from and where it goes. */
export interface H264EncoderOptions {
  readonly name: string;
  readonly addon: Pick<CameraAddon, 'startFeeder'>;
  /** Whose ring has the pictures: i420 or nv12, with a local lease for each of two encoders. */
  readonly from: NativeConversion | NativeCapture;
  readonly settings: H264Settings;
  /** `auto`, or one of h264Encoders. */
  readonly encoder: string;
  /** Frames a second; 0: the ring's. */
  readonly rate: number;
  /** What load control may do without, beyond presets. */
  readonly adapt: 'off' | 'rate' | 'size';
  readonly hardware: Hardware;
  /** Told when it begins and when it ends to need frames. */
  readonly wantFrames?: (want: boolean) => void;
  readonly publish: (unit: H264Unit) => void;
  readonly log: Log;
}

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
  /** It has given its first key frame: `current` ends where the next key frame would be. */
  private nextIsReady = false;
  private active = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private stepIndex = 0;
  private newestNs = 0n;
  private readonly ending = new Set<Promise<void>>();
  private readonly failures = new RecentFailures();
  private readonly lateness = new Lateness();
  private readonly seldom: Seldom;
  private lastProblem: EncoderProblem | undefined;
  private readonly totals = { framesIn: 0, unitsOut: 0, framesDropped: 0, restarts: 0 };

  constructor(private readonly options: H264EncoderOptions) {
    this.name = options.name;
    this.seldom = new Seldom(options.log, 'warn');
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
    if (active) {
      void this.replace();
      return;
    }
    clearTimeout(this.timer);
    this.retire(this.current);
    this.retire(this.next);
    this.current = undefined;
    this.next = undefined;
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
  private rate(): number {
    return this.stepIndex === 0 ? this.options.rate : (this.steps[this.stepIndex]?.rate ?? this.options.rate);
  }

  /** Starts another encoder beside the one at work; one that was starting makes way. */
  private async replace(): Promise<void> {
    clearTimeout(this.timer);
    this.retire(this.next);
    this.next = undefined;
    this.nextIsReady = false;
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

  private begin(encoder: H264EncoderName): EncoderRun {
    const { addon, from, settings, hardware } = this.options;
    const { preset = settings.preset, scale = 1 } = this.steps[this.stepIndex] ?? {};
    const run: EncoderRun = new EncoderRun({
      ...{ addon, from, encoder, program: hardware.program },
      settings: { ...settings, preset, scale },
      rate: this.rate(),
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
    if (count < RecentFailures.tooMany || this.options.encoder !== 'auto') this.later(this.failures.pauseMs);
    else void this.fallBack();
  }

  /** To the next encoder that works; without one it is tried again for as long as it takes. */
  private async fallBack(): Promise<void> {
    const { hardware, log } = this.options;
    const from = this.encoder;
    try {
      const encoder = await hardware.choose('auto', from);
      log.warn({ stream: this.name, from, encoder }, 'the encoder failed too often; another takes over');
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
