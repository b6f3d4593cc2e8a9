import { availableParallelism } from 'node:os';
import {
  type CameraAddon,
  CamstreamError,
  type NativeCapture,
  type NativeConversion,
  type NativeFeedEvent,
  type NativeFeeder,
  type NativeFeedStart,
  toCamstreamError,
} from '@camstream/core';
import type { H264EncoderName } from '../config/h264-encoders.js';
import type { H264Unit } from '../unit/unit.js';
import type { AccessUnit } from './access-units.js';
import { encodeArguments, encodedSize, type H264Settings } from './ffmpeg-arguments.js';
import { FfmpegProcess } from './ffmpeg-process.js';

/** One feeder with one ffmpeg. */
export interface EncoderRunOptions {
  readonly addon: Pick<CameraAddon, 'startFeeder'>;
  /** Whose ring has the pictures: i420 or nv12. */
  readonly from: NativeConversion | NativeCapture;
  /** ffmpeg's name in PATH, or a path. */
  readonly program: string;
  readonly encoder: H264EncoderName;
  readonly settings: H264Settings;
  /** Frames a second; 0: the ring's. */
  readonly rate: number;
  readonly onUnit: (unit: H264Unit) => void;
  /** Once; not after close(). Nothing comes any more. FEED_*, ENCODER_*, FFMPEG_MISSING. */
  readonly onFailure: (error: CamstreamError) => void;
}

/** How a run has fared. */
export interface RunCounters {
  readonly framesIn: number;
  /** Wanted, but the encoder was not ready; and those that it swallowed. */
  readonly framesDropped: number;
}

/**
 * An encoder at work, from its first frame until it fails or is closed. It ends itself if it gives nothing
 * for frames that went in, or is late for good.
 */
export class EncoderRun {
  private readonly feeder: NativeFeeder;
  private readonly watch: NodeJS.Timeout;
  private child: FfmpegProcess | undefined;
  private start: NativeFeedStart | undefined;
  private last: RunCounters = { framesIn: 0, framesDropped: 0 };
  private units = 0;
  private lastUnitMs = 0;
  private overdueLooks = 0;
  private lateSinceMs: number | undefined;
  private closed: Promise<void> | undefined;

  constructor(private readonly options: EncoderRunOptions) {
    const { addon, from, rate, settings } = options;
    this.feeder = addon.startFeeder(from, { rate, gridMs: settings.keyIntervalMs }, this.hear);
    this.watch = setInterval(() => this.look(), lookMs).unref();
  }

  /** Pictures are copied into its pipe, because the kernel refuses to lend them. */
  get copies(): boolean {
    return this.closed === undefined && this.feeder.status().loansRefused;
  }

  get encoder(): H264EncoderName {
    return this.options.encoder;
  }

  get settings(): H264Settings {
    return this.options.settings;
  }

  /** Of the child; undefined before its first frame. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** The encoder goes on: its pictures have times. */
  setRate(rate: number): void {
    if (this.closed === undefined) this.feeder.setRate(rate);
  }

  counters(): RunCounters {
    if (this.closed !== undefined) return this.last;
    const { framesIn, dropped, lost } = this.feeder.status();
    return { framesIn, framesDropped: dropped + lost };
  }

  /** Resolves when thread and child are gone. May be called twice. */
  close(): Promise<void> {
    if (this.closed !== undefined) return this.closed;
    clearInterval(this.watch);
    this.last = this.counters();
    this.closed = Promise.all([this.feeder.close(), this.child?.stop()]).then(() => {});
    return this.closed;
  }

  private readonly hear = (event: NativeFeedEvent): void => {
    if (this.closed !== undefined) return;
    if (event.kind === 'began') this.begin(event);
    // Why the child has gone, it tells itself.
    else if (event.code !== 'FEED_READER_GONE') this.fail(new CamstreamError(event.code, event.message));
  };

  private begin(start: NativeFeedStart): void {
    const { encoder, settings, program } = this.options;
    this.start = start;
    try {
      if (start.width % 2 !== 0 || start.height % 2 !== 0) {
        throw new CamstreamError(
          'ENCODER_SIZE',
          `H.264 needs an even width and height, found ${start.width}x${start.height}; set them so`,
        );
      }
      this.child = FfmpegProcess.start({
        program,
        arguments: encodeArguments(encoder, settings, start, availableParallelism()),
        input: this.feeder.readingEnd(),
        onUnit: (unit) => this.take(unit),
        onEnd: (error) => this.fail(error ?? new CamstreamError('ENCODER_ENDED', 'ffmpeg ended by itself')),
      });
      this.feeder.handOver();
    } catch (error) {
      this.fail(toCamstreamError(error) as CamstreamError);
    }
  }

  private take({ timeMs, nals, keyFrame, parameters }: AccessUnit): void {
    if (this.closed !== undefined || this.start === undefined) return;
    const frame = this.feeder.take(timeMs);
    if (frame === undefined) {
      this.fail(new CamstreamError('ENCODER_OUTPUT', `a picture came out that never went in (${timeMs} ms)`));
      return;
    }
    ++this.units;
    this.lastUnitMs = performance.now();
    this.noteLateness(frame.capturedAtNs);
    const size = encodedSize(this.start, this.options.settings.scale);
    this.options.onUnit({ codec: 'h264', ...frame, ...size, nals, keyFrame, parameters });
  }

  private noteLateness(capturedAtNs: bigint): void {
    const lateMs = Number(process.hrtime.bigint() - capturedAtNs) / 1e6;
    if (lateMs < behindMs) this.lateSinceMs = undefined;
    else this.lateSinceMs ??= performance.now();
  }

  private look(): void {
    const { oldestMs } = this.feeder.status();
    const patienceMs = this.units === 0 ? firstUnitMs : hungMs;
    // Who is late all the time still gives something.
    const isSilent = performance.now() - this.lastUnitMs > patienceMs;
    const isOverdue = this.child !== undefined && oldestMs > patienceMs && isSilent;
    this.overdueLooks = isOverdue ? this.overdueLooks + 1 : 0;
    // At the first look it may be the whole machine that stood still.
    if (this.overdueLooks > 1) {
      const seconds = (oldestMs / 1000).toFixed(1);
      this.fail(new CamstreamError('ENCODER_HUNG', `ffmpeg gave nothing for a picture of ${seconds} s ago`));
      return;
    }
    const { lateSinceMs } = this;
    if (lateSinceMs === undefined || performance.now() - lateSinceMs < behindForMs) return;
    this.fail(
      new CamstreamError('ENCODER_BEHIND', `ffmpeg was more than ${behindMs / 1000} s late for good`),
    );
  }

  private fail(error: CamstreamError): void {
    if (this.closed !== undefined) return;
    void this.close();
    this.options.onFailure(error);
  }
}

const lookMs = 250;
/** A picture takes milliseconds; a machine that is overloaded may need much longer, and is no reason. */
const hungMs = 1500;
const firstUnitMs = 10_000;
const behindMs = 2000;
const behindForMs = 8000;
