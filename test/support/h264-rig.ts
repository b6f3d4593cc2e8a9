import { spawnSync } from 'node:child_process';
import { type NativeConversion, type NativeSourceOptions, silentLog } from '@camstream/core';
import {
  H264Encoder,
  type H264EncoderOptions,
  type H264Settings,
  type H264Unit,
  Hardware,
} from '@camstream/producer';
import type { Test } from 'tap';
import { CaptureRig } from './capture-rig.js';
import { until } from './until.js';

/** A test camera and its planar pictures, for encoders. */
export class H264Rig {
  private constructor(
    readonly rig: CaptureRig,
    readonly pictures: NativeConversion,
  ) {}

  /** `size`: of the pictures; the camera's are 640x480 at 30/s unless `source` says otherwise. */
  static async open(
    t: Test,
    { size = { width: 320, height: 240 }, source = {} }: H264RigOptions = {},
  ): Promise<H264Rig> {
    const rig = new CaptureRig(t);
    const camera = await rig.capture('camera', { width: 640, height: 480, rate: 30, ...source });
    const conversion = {
      ...size,
      fit: 'stretch',
      format: 'i420',
      rate: 0,
      adapt: 'rate',
      mirror: false,
      rotate: 0,
    } as const;
    const pictures = await rig.addon.startConversion(
      camera.native,
      conversion,
      rig.ring('pictures'),
      () => {},
    );
    rig.adopt(pictures);
    return new H264Rig(rig, pictures);
  }

  /** An encoder with what it has made; closed before the rings are. */
  encoder(changes: H264Changes = {}): RunningEncoder {
    const { settings, ...others } = changes;
    const log = changes.log ?? silentLog;
    const units: H264Unit[] = [];
    const encoder = new H264Encoder({
      name: 'high',
      addon: this.rig.addon,
      from: this.pictures,
      settings: { bitrateKbps: 2000, keyIntervalMs: 1000, latency: 'low', preset: 'ultrafast', ...settings },
      encoder: 'libx264',
      rate: 0,
      adapt: 'rate',
      hardware: new Hardware(log),
      publish: (unit) => units.push(unit),
      log,
      ...others,
    });
    this.rig.adopt(encoder);
    return new RunningEncoder(encoder, units);
  }
}

export interface H264RigOptions {
  readonly size?: { readonly width: number; readonly height: number };
  readonly source?: Partial<NativeSourceOptions>;
}

export type H264Changes = Partial<Omit<H264EncoderOptions, 'settings'>> & {
  readonly settings?: Partial<H264Settings>;
};

/** An encoder and the units it has made so far. */
export class RunningEncoder {
  constructor(
    readonly encoder: H264Encoder,
    readonly units: H264Unit[],
  ) {}

  /** Waits until there are `count` units. */
  async made(count: number): Promise<readonly H264Unit[]> {
    await until(`${count} units`, () => this.units.length >= count);
    return this.units;
  }
}

/** Units as a decoder reads them: ITU-T H.264, annex B. */
export function annexB(units: readonly H264Unit[]): Buffer {
  const startCode = Buffer.from([0, 0, 0, 1]);
  return Buffer.concat(units.flatMap(({ nals }) => nals.flatMap((nal) => [startCode, nal])));
}

/**
 * The pictures of units that begin with a key frame, decoded by ffmpeg: i420 without padding, of the units'
 * own range (with a pixel format asked for, ffmpeg would make it limited).
 */
export function decode(units: readonly H264Unit[]): Buffer[] {
  const args = ['-v', 'error', '-f', 'h264', '-i', 'pipe:0', '-fps_mode', 'drop'];
  const run = spawnSync('ffmpeg', [...args, '-f', 'rawvideo', 'pipe:1'], {
    input: annexB(units),
    maxBuffer: 2 ** 30,
  });
  const said = run.stderr.toString();
  if (run.status !== 0 || said !== '') throw new Error(`ffmpeg cannot decode it: ${said}`);
  const [{ width, height }] = units as [H264Unit];
  const bytes = width * height * 1.5;
  return Array.from({ length: run.stdout.length / bytes }, (_, n) =>
    run.stdout.subarray(n * bytes, (n + 1) * bytes),
  );
}
