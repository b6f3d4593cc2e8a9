import { CamstreamError, hasErrorCode, type Log } from '@camstream/core';
import { RatePicker } from '../unit/rate-picker.js';
import type { Unit, UnitPicture } from '../unit/unit.js';
import type { Encoder, EncoderLoad, EncoderProblem, EncoderSettings } from './encoder.js';
import { Lateness } from './lateness.js';
import type { RawFrame, RawFrames } from './raw-frames.js';

/** Makes a unit of what a camera encoded; undefined: it cannot be shown. `lost`: pictures before it. */
export type UnitMaker<U extends Unit> = (data: Buffer, picture: UnitPicture, lost: number) => U | undefined;

/** Where a camera's own pictures come from, and how many of them are wanted. */
export interface PassThroughOptions<U extends Unit> {
  readonly name: string;
  /** Of them there can only be fewer, if anything: each with its rate, 0 for all that there are. */
  readonly steps: readonly EncoderSettings[];
  /** `every`: each picture needs the one before it. */
  readonly policy: 'latest' | 'every';
  /** False where the camera's own delay is in the capture times: nothing here could make it less. */
  readonly delayIsOurs: boolean;
  /** Opens the camera's track; closed when nobody watches. */
  readonly open: () => Promise<RawFrames>;
  /** Called at each beginning. */
  readonly makeUnits: () => UnitMaker<U>;
  readonly publish: (unit: U) => void;
  readonly log: Log;
}

/** Hands on what a camera encoded, as the capture keeps it in a track. */
export class PassThrough<U extends Unit> implements Encoder {
  readonly kind = 'pass-through';
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

  constructor(private readonly options: PassThroughOptions<U>) {
    this.setStep(0);
  }

  get name(): string {
    return this.options.name;
  }

  get steps(): readonly EncoderSettings[] {
    return this.options.steps;
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
      const code = error instanceof CamstreamError ? error.code : 'RING_SYSTEM';
      const message = `the camera's own pictures cannot be read: ${String(error)}`;
      this.problem = { code, message };
      log.warn({ stream: name, code }, message);
    } finally {
      this.frames?.close();
      this.frames = undefined;
    }
  }

  private async readFrames(): Promise<void> {
    const { open, policy, makeUnits } = this.options;
    const opened = await open();
    if (!this.active) return opened.close();
    this.frames = opened;
    const makeUnit = makeUnits();
    const frames = opened.frames(policy);
    let lost = 0;
    let isFirst = true;
    for (;;) {
      const { done, value: frame } = await frames.next();
      // What was closed may have been opened anew by now: for another round of read().
      if (this.frames !== opened) return;
      if (done) throw new Error('its track has ended');
      if (!isFirst) this.framesDropped += frame.missed;
      lost += isFirst ? 0 : frame.missed + frame.droppedBefore;
      isFirst = false;
      if (this.picker?.wants(frame.capturedAtNs) === false) continue;
      ++this.framesIn;
      const taken = this.pass(frame, makeUnit, lost);
      lost = taken ? 0 : lost + 1;
    }
  }

  /** False: the frame was overwritten before it was read. */
  private pass(frame: RawFrame, makeUnit: UnitMaker<U>, lost: number): boolean {
    const { width, height, sequence, capturedAtNs } = frame;
    const data = copyOf(frame);
    const unit = data && makeUnit(data, { width, height, sequence, capturedAtNs }, lost);
    if (unit === undefined) ++this.framesDropped;
    else {
      ++this.unitsOut;
      if (this.options.delayIsOurs) this.lateness.add(capturedAtNs);
      this.options.publish(unit);
    }
    return data !== undefined;
  }
}

/** Its bytes, so that its slot is the camera's again at once, whoever still sends the picture. */
function copyOf(frame: RawFrame): Buffer | undefined {
  try {
    return frame.copy();
  } catch (error) {
    if (hasErrorCode(error, 'FRAME_OVERWRITTEN', 'FRAME_RELEASED')) return undefined;
    throw error;
  } finally {
    frame.release();
  }
}
