import type { NativeFeedStart } from '@camstream/core';
import type { H264EncoderName, X264Preset } from '../config/h264-encoders.js';
import { type LatencyMode, latencySettings } from '../config/latency-modes.js';
import type { Size } from '../config/picture-size.js';

/** What x264's presets cost: ms of one core for a picture of 1920x1080. */
const presetCosts: Readonly<Record<X264Preset, number>> = {
  ultrafast: 10.5,
  superfast: 14.8,
  veryfast: 16.9,
  faster: 25,
  fast: 33,
  medium: 42,
};

/** What H.264 of one stream is to be like. */
export interface H264Settings {
  readonly bitrateKbps: number;
  /** Key frames are at whole multiples of it on the clock of capture. */
  readonly keyIntervalMs: number;
  readonly latency: LatencyMode;
  /** x264 alone. */
  readonly preset: X264Preset;
  /** The feed's width and height are divided by it; 1 unless said. */
  readonly scale?: 1 | 2;
}

/** The size of the pictures that come out: even, as H.264 in 4:2:0 needs it. */
export function encodedSize({ width, height }: Size, scale: 1 | 2 = 1): Size {
  if (scale === 1) return { width, height };
  return { width: Math.floor(width / 4) * 2, height: Math.floor(height / 4) * 2 };
}

/** The colour of a feed, and its clock. */
export type FeedStart = Pick<
  NativeFeedStart,
  'width' | 'height' | 'rate' | 'matrix' | 'primaries' | 'range' | 'capturedAtNs' | 'epochNs'
>;

/** ffmpeg's arguments from a feeder's pipe on standard input to FLV on standard output. */
export function encodeArguments(
  encoder: H264EncoderName,
  settings: H264Settings,
  start: FeedStart,
  cores: number,
): string[] {
  const size = encodedSize(start, settings.scale);
  const filters = [...scaleFilter(start, size), ...uploadFilters(encoder)];
  return [
    ...quiet,
    ...deviceArguments(encoder),
    // The first frame says everything: nothing is to be waited for. Its time is kept (copyts).
    ...['-copyts', '-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0'],
    ...['-f', 'nut', '-i', 'pipe:0', '-map', '0:v:0'],
    ...(filters.length > 0 ? ['-vf', filters.join(',')] : []),
    // One in, one out, whatever their distance.
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1/1000000'],
    ...codecArguments(encoder, settings, { ...start, ...size }, cores),
    ...['-force_key_frames', keyFrameExpression(settings.keyIntervalMs, start)],
    ...['-bsf:v', colourFilter(start)],
    ...toFlv,
  ];
}

/** The same for a few pictures that ffmpeg makes itself. */
export function probeArguments(encoder: H264EncoderName, frames: number): string[] {
  const settings: H264Settings = { ...probeSettings, preset: 'ultrafast' };
  const start = {
    width: 640,
    height: 360,
    rate: 30,
    matrix: 6,
    primaries: 6,
    range: 1,
    capturedAtNs: 0n,
    epochNs: 0n,
  };
  return [
    ...quiet,
    ...deviceArguments(encoder),
    ...['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=30', '-frames:v', String(frames)],
    ...['-vf', ['format=yuv420p', ...uploadFilters(encoder)].join(',')],
    ...codecArguments(encoder, settings, start, 1),
    ...['-bsf:v', colourFilter(start)],
    ...toFlv,
  ];
}

const probeSettings = { bitrateKbps: 1000, keyIntervalMs: 1000, latency: 'low' } as const;
const quiet = ['-hide_banner', '-v', 'error', '-nostats', '-nostdin'];
const toFlv = ['-flush_packets', '1', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'];

function deviceArguments(encoder: H264EncoderName): string[] {
  return encoder === 'h264_vaapi' ? ['-init_hw_device', 'vaapi=device', '-filter_hw_device', 'device'] : [];
}

function uploadFilters(encoder: H264EncoderName): string[] {
  return encoder === 'h264_vaapi' ? ['format=nv12', 'hwupload'] : [];
}

/** Done by the child: for as long as a machine is too slow another ring would not pay. */
function scaleFilter(from: Size, { width, height }: Size): string[] {
  const same = width === from.width && height === from.height;
  return same ? [] : [`scale=${width}:${height}:flags=area`];
}

function codecArguments(
  encoder: H264EncoderName,
  { bitrateKbps, keyIntervalMs, latency, preset }: H264Settings,
  { width, height, rate }: FeedStart,
  cores: number,
): string[] {
  const { rateBufferMs, x264Tune, x264Params } = latencySettings[latency];
  const kbps = (value: number) => `${Math.max(1, Math.round(value))}k`;
  // Key frames are asked for; the distance that the encoder itself keeps is only in case nothing asks.
  const distance = Math.max(12, Math.ceil(((rate || 30) * keyIntervalMs * 4) / 1000));
  const common = [
    ...['-c:v', encoder, '-bf', '0', '-g', String(distance)],
    ...['-b:v', kbps(bitrateKbps), '-maxrate', kbps(bitrateKbps)],
    ...['-bufsize', kbps((bitrateKbps * rateBufferMs) / 1000)],
  ];
  switch (encoder) {
    case 'libx264': {
      const threads = x264Threads(preset, width * height * (rate || 30), cores);
      const tune = x264Tune === '' ? [] : ['-tune', x264Tune];
      const params = ['scenecut=0', ...(x264Params === '' ? [] : [x264Params])].join(':');
      const fixed = ['-forced-idr', '1', '-threads', String(threads), '-x264-params', params];
      return [...common, '-preset', preset, ...tune, ...fixed];
    }
    case 'h264_vaapi':
      return [...common, '-async_depth', '1', '-sei', '0'];
    case 'h264_nvenc':
      return [
        ...common,
        ...['-preset', 'p2', '-tune', 'ull', '-rc', 'cbr', '-zerolatency', '1', '-delay', '0'],
        ...['-forced-idr', '1'],
      ];
    case 'h264_qsv':
      return [...common, '-preset', 'veryfast', '-async_depth', '1', '-forced_idr', '1'];
    case 'h264_v4l2m2m':
      return common;
  }
}

/**
 * As few threads as hold the rate with half of each core: several streams are encoded side by side, and a
 * picture of one slice is what every decoder likes best.
 */
function x264Threads(preset: X264Preset, pixelsPerSecond: number, cores: number): number {
  const coresNeeded = (presetCosts[preset] / 1000) * (pixelsPerSecond / (1920 * 1080));
  return Math.max(1, Math.min(cores, Math.ceil(coresNeeded / 0.5)));
}

/**
 * True for the first frame of each interval of the capture clock. ffmpeg's `t` counts from the first frame,
 * whose distance to the grid is known; half a microsecond keeps what is on the grid from falling before it.
 */
function keyFrameExpression(keyIntervalMs: number, { capturedAtNs, epochNs }: FeedStart): string {
  const offset = (Number((capturedAtNs - epochNs) / 1000n) + 0.5) / 1e6;
  const interval = `floor((T+${offset.toFixed(7)})/${keyIntervalMs / 1000})`;
  const [now, before] = ['t', 'prev_forced_t'].map((time) => interval.replace('T', time));
  return `expr:isnan(prev_forced_t)+gt(${now},${before})`;
}

/**
 * Writes the ring's colour into the SPS of any encoder. ffmpeg itself is told nothing of it, and so has no
 * reason to convert anything.
 */
function colourFilter({ matrix, primaries, range }: FeedStart): string {
  const values = {
    video_full_range_flag: range === 2 ? 1 : 0,
    colour_primaries: primaries,
    transfer_characteristics: transferOf(matrix),
    matrix_coefficients: matrix,
  };
  const options = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  return `h264_metadata=${options.join(':')}`;
}

/** BT.601, BT.709 and BT.2020 have one and the same curve under three numbers. */
function transferOf(matrix: number): number {
  const curves = new Map([
    [1, 1],
    [6, 6],
    [9, 14],
  ]);
  return curves.get(matrix) ?? 2;
}
