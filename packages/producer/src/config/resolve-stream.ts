import type { CodecConfig, ViewerQueueConfig } from './config.js';
import { h264Encoders } from './h264-encoders.js';
import { latencySettings } from './latency-modes.js';
import type { StreamDocument } from './schema.js';

type Codec = NonNullable<StreamDocument['codec']>;
type Key = keyof StreamDocument;

/** Where what is said of a stream goes. */
export type StreamProblem = (key: string, message: string) => void;

const pictureKeys: readonly Key[] = [
  'camera',
  'width',
  'height',
  'rate',
  'fit',
  'crop',
  'mirror',
  'rotate',
  'codec',
  'slots',
];
const encodedKeys: readonly Key[] = ['encoder', 'adapt', 'warm'];

const keysOf: Readonly<Record<Codec, readonly Key[]>> = {
  mjpeg: [...pictureKeys, ...encodedKeys, 'quality', 'passThrough', 'port'],
  h264: [
    ...pictureKeys,
    ...encodedKeys,
    'passThrough',
    'bitrateKbps',
    'keyIntervalMs',
    'latency',
    'preset',
    'viewerQueue',
  ],
  raw: [...pictureKeys, 'format', 'leaseTimeoutMs', 'group'],
};

/** The codec of a stream that names none. */
export function codecOf({ codec }: StreamDocument): Codec {
  return codec ?? 'mjpeg';
}

/**
 * A stream over the default of its name: what the default says for another codec is left out, what was
 * written for another codec is a problem.
 */
export function mergeStream(
  base: StreamDocument | undefined,
  written: StreamDocument,
  problem: StreamProblem,
): StreamDocument {
  const merged = { ...base, ...written };
  const codec = codecOf(merged);
  const own: ReadonlySet<string> = new Set(keysOf[codec]);
  for (const key of Object.keys(written)) {
    if (!own.has(key)) problem(key, `belongs to codec ${ownersOf(key)}; this stream's is ${codec}`);
  }
  return Object.fromEntries(Object.entries(merged).filter(([key]) => own.has(key)));
}

/** How an encoded stream is encoded, with every default. */
export function resolveCodec(
  stream: StreamDocument,
  codec: Exclude<Codec, 'raw'>,
  problem: StreamProblem,
): CodecConfig {
  if (codec === 'mjpeg') {
    const { quality = 80, passThrough = true, encoder = 'sharp' } = stream;
    if (encoder === 'sharp' || encoder === 'turbo') return { kind: 'mjpeg', quality, encoder, passThrough };
    problem('encoder', `wanted one of sharp, turbo, found "${encoder}"`);
    return { kind: 'mjpeg', quality, encoder: 'sharp', passThrough };
  }
  const { bitrateKbps = 6000, keyIntervalMs = 1000, latency = 'low', encoder = 'auto' } = stream;
  const { passThrough = true } = stream;
  if (encoder !== 'auto' && !h264Encoders.some((known) => known === encoder))
    problem('encoder', `wanted one of auto, ${h264Encoders.join(', ')}, found "${encoder}"`);
  for (const side of ['width', 'height'] as const) {
    const found = stream[side] ?? 0;
    if (found % 2 !== 0) problem(side, `wanted an even number of pixels for h264, found ${found}`);
  }
  const preset = stream.preset ?? latencySettings[latency].x264Preset;
  const viewerQueue = viewerQueueOf(stream);
  return { kind: 'h264', bitrateKbps, keyIntervalMs, latency, preset, encoder, passThrough, viewerQueue };
}

function viewerQueueOf({ latency = 'low', viewerQueue }: StreamDocument): ViewerQueueConfig {
  const { viewerQueueMs, viewerQueueBytes } = latencySettings[latency];
  return { ms: viewerQueue?.ms ?? viewerQueueMs, bytes: viewerQueue?.bytes ?? viewerQueueBytes };
}

function ownersOf(key: string): string {
  const owners = Object.entries(keysOf).filter(([, keys]) => keys.some((known) => known === key));
  return owners.map(([codec]) => codec).join(' or ');
}
