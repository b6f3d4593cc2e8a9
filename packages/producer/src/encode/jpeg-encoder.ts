import { hasErrorCode, type Log } from '@camstream/core';
import { RatePicker } from '../unit/rate-picker.js';
import type { JpegUnit } from '../unit/unit.js';
import type { Encoder, EncoderLoad } from './encoder.js';
import type { JpegCodec } from './jpeg-codec.js';
import { type JpegLadder, type JpegStep, jpegSteps } from './jpeg-steps.js';
import { Lateness } from './lateness.js';
import type { RawFrame, RawFrames } from './raw-frames.js';
import { Switch } from './switch.js';

/** From where to where one stream's pictures go. */
export interface JpegEncoderOptions extends Omit<JpegLadder, 'rate'> {
  readonly name: string;
  readonly codec: JpegCodec;
  /** Closed by the encoder. */
  readonly frames: RawFrames;
  /** Told when it begins and when it ends to need frames. */
  readonly wantFrames?: (want: boolean) => void;
  readonly publish: (unit: JpegUnit) => void;
  readonly log: Log;
}

/** A frame captured longer ago than this before somebody began to watch is not what that viewer wants. */
const staleNs = 200_000_000n;

/** Makes JPEG of a ring's frames while it is active: the newest, one at a time. */
export class JpegEncoder implements Encoder {
  /** What goes wrong with one picture is left out, and with all of them ends the service (`ended`). */
  readonly problem = undefined;
  readonly steps: readonly JpegStep[];
  /** Rejects if it cannot go on; resolves after close(). */
  readonly ended: Promise<void>;
  private current = 0;
  private picker: RatePicker | undefined;
  private readonly active = new Switch();
  private readonly lateness = new Lateness();
  private encodedSinceNs: bigint | undefined;
  private framesIn = 0;
  private unitsOut = 0;
  private framesDropped = 0;

  /** Inactive at first. */
  constructor(private readonly options: JpegEncoderOptions) {
    this.steps = jpegSteps({ ...options, rate: options.frames.info.rate });
    this.ended = this.run();
  }

  get name(): string {
    return this.options.name;
  }

  get kind(): string {
    return this.options.codec.kind;
  }

  get step(): number {
    return this.current;
  }

  setActive(active: boolean): void {
    if (active === (this.active.sinceNs !== undefined)) return;
    this.options.wantFrames?.(active);
    this.active.set(active);
    if (!active) this.lateness.clear();
  }

  setStep(step: number): void {
    const full = this.steps[0];
    const wanted = this.steps[step];
    if (full === undefined || wanted === undefined) return;
    this.current = step;
    this.picker = wanted.rate < full.rate ? new RatePicker(wanted.rate) : undefined;
    this.lateness.clear();
  }

  load(): EncoderLoad {
    const { framesIn, unitsOut, framesDropped } = this;
    return { latenessMs: this.lateness.p90Ms, framesIn, unitsOut, framesDropped, restarts: 0 };
  }

  async close(): Promise<void> {
    this.active.close();
    this.options.frames.close();
    await this.ended;
  }

  private async run(): Promise<void> {
    const frames = this.options.frames.frames();
    while (await this.active.whenOn()) {
      const { done, value: frame } = await frames.next();
      if (done) return;
      if (this.wants(frame)) await this.encode(frame);
      frame.release(); // before a pause, not after it
    }
  }

  private wants(frame: RawFrame): boolean {
    const since = this.active.sinceNs;
    if (since === undefined || frame.capturedAtNs < since - staleNs) return false;
    return this.picker?.wants(frame.capturedAtNs) ?? true;
  }

  private async encode(frame: RawFrame): Promise<void> {
    const { width, height, sequence, capturedAtNs } = frame;
    const wish = this.steps[this.current];
    if (wish === undefined) return;
    ++this.framesIn;
    // What was overtaken before somebody began to watch was not lost.
    if (this.encodedSinceNs === this.active.sinceNs) this.framesDropped += frame.missed;
    this.encodedSinceNs = this.active.sinceNs;
    const data = await this.encoded(frame, wish);
    if (data !== undefined) {
      ++this.unitsOut;
      this.lateness.add(capturedAtNs);
      const size = { width: Math.floor(width / wish.scale), height: Math.floor(height / wish.scale) };
      this.options.publish({ codec: 'jpeg', data, ...size, sequence, capturedAtNs });
    } else if (this.active.sinceNs !== undefined) {
      ++this.framesDropped;
      const { name, log } = this.options;
      log.warn({ stream: name, sequence }, 'a frame was overwritten while it was encoded; left out');
    }
  }

  /** The picture; undefined if its frame was overwritten meanwhile, or the ring closed. */
  private async encoded(frame: RawFrame, wish: JpegStep): Promise<Buffer | undefined> {
    const { width, height } = frame;
    const { colour } = frame.ring;
    try {
      const data = await frame.lend(
        (bytes) => this.options.codec.encode({ data: bytes, width, height, colour }, wish),
        { trusted: true },
      );
      return frame.isIntact() ? data : undefined;
    } catch (error) {
      if (hasErrorCode(error, 'FRAME_OVERWRITTEN', 'FRAME_RELEASED')) return undefined;
      throw error;
    }
  }
}
