import { hasErrorCode, type Log } from '@camstream/core';
import { RatePicker } from '../unit/rate-picker.js';
import type { JpegUnit } from '../unit/unit.js';
import type { Encoder, EncoderLoad, EncoderProblem, EncoderSettings } from './encoder.js';
import { passThroughSteps } from './jpeg-steps.js';
import { Lateness } from './lateness.js';
import type { RawFrame, RawFrames } from './raw-frames.js';

/** Where a camera's own JPEGs come from, and how many of them are wanted. */
export interface PassThroughOptions {
  readonly name: string;
  /** Pictures a second; 0: all that there are. */
  readonly rate: number;
  readonly adapt: 'off' | 'rate' | 'size';
  /** Opens the camera's track; closed when nobody watches. */
  readonly open: () => Promise<RawFrames>;
  readonly publish: (unit: JpegUnit) => void;
  readonly log: Log;
}

/** Hands on what a camera encoded: whole pictures with their tables, as the capture keeps them in a track. */
export class PassThrough implements Encoder {
  readonly kind = 'pass-through';
  readonly steps: readonly EncoderSettings[];
  /** Why it has stopped; until it is switched on anew. */
  problem: EncoderProblem | undefined;
  private current = 0;
  private picker: RatePicker | undefined;
  private readonly lateness = new Lateness();
  private frames: RawFrames | undefined;
  private reading: Promise<void> = Promise.resolve();
  private active = false;
  private framesIn = 0;
  private unitsOut = 0;
  private framesDropped = 0;

  constructor(private readonly options: PassThroughOptions) {
    this.steps = passThroughSteps(options);
    this.setStep(0);
  }

  get name(): string {
    return this.options.name;
  }

  get step(): number {
    return this.current;
  }

  setActive(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.lateness.clear();
    this.frames?.close();
    this.frames = undefined;
    if (!active) return;
    this.problem = undefined;
    this.reading = this.reading.then(() => this.read());
  }

  setStep(step: number): void {
    const wanted = this.steps[step];
    if (wanted === undefined) return;
    this.current = step;
    this.picker = wanted.rate === 0 ? undefined : new RatePicker(wanted.rate);
    this.lateness.clear();
  }

  load(): EncoderLoad {
    const { framesIn, unitsOut, framesDropped } = this;
    return { latenessMs: this.lateness.p90Ms, framesIn, unitsOut, framesDropped, restarts: 0 };
  }

  async close(): Promise<void> {
    this.setActive(false);
    await this.reading;
  }

  /** Until it is closed, or the camera has no track any more. */
  private async read(): Promise<void> {
    const { name, log } = this.options;
    try {
      if (this.active) await this.readFrames();
    } catch (error) {
      const message = `the camera's own pictures cannot be read: ${String(error)}`;
      this.problem = { code: 'RING_SYSTEM', message };
      log.warn({ stream: name }, message);
    }
  }

  private async readFrames(): Promise<void> {
    const opened = await this.options.open();
    if (!this.active) return opened.close();
    this.frames = opened;
    const frames = opened.frames();
    let isFirst = true;
    for (;;) {
      const { done, value: frame } = await frames.next();
      if (done) return;
      if (!isFirst) this.framesDropped += frame.missed;
      isFirst = false;
      if (this.picker?.wants(frame.capturedAtNs) === false) continue;
      ++this.framesIn;
      this.pass(frame);
    }
  }

  private pass(frame: RawFrame): void {
    const { width, height, sequence, capturedAtNs } = frame;
    try {
      // Its slot is the camera's again at once, whoever still sends the picture.
      const data = frame.copy();
      ++this.unitsOut;
      this.lateness.add(capturedAtNs);
      this.options.publish({ codec: 'jpeg', data, width, height, sequence, capturedAtNs });
    } catch (error) {
      if (!hasErrorCode(error, 'FRAME_OVERWRITTEN', 'FRAME_RELEASED')) throw error;
      ++this.framesDropped;
    }
  }
}
