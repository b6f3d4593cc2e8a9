import type { PixelFormat } from '@camstream/core';
import { isLoopback, urlHost } from './addresses.js';
import type { CameraConfig, Config, PictureConfig, RingPlace, StreamConfig } from './config.js';
import { pictureSize } from './picture-size.js';
import { type RingMemory, ringMemory } from './ring-memory.js';
import { shapeText } from './shape-text.js';
import { sourceText } from './source.js';
import { isServed, type ServedStream, streamPlace } from './stream-ring.js';

/** What a configuration comes to: who captures, converts, encodes and serves what, and the memory for it. */
export interface Plan {
  readonly cameras: readonly PlannedCamera[];
  readonly ringBytes: number;
  /** With the largest ring once more: a ring is made beside the one that a reader may still hold. */
  readonly neededBytes: number;
  readonly warnings: readonly string[];
}

/** A camera with everything made from it. */
export interface PlannedCamera {
  readonly name: string;
  readonly source: string;
  /** Size, rate or format are not known before the camera is opened. */
  readonly assumed: boolean;
  readonly ring: PlannedRing;
  readonly rings: readonly PlannedRing[];
  readonly streams: readonly PlannedStream[];
}

/** A ring with its memory. */
export interface PlannedRing extends RingMemory {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly rate: number;
  readonly leases: number;
}

/** A stream with the ring its pictures come through. */
export interface PlannedStream {
  readonly name: string;
  readonly quality: number;
  readonly ring: PlannedRing;
  readonly urls: readonly string[];
}

/** Works the plan out without touching camera, network or memory. */
export function planOf(config: Config): Plan {
  const cameras = config.cameras.map((camera) => planCamera(camera, config));
  const sizes = ringsOf({ cameras }).map(({ bytes }) => bytes);
  const ringBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  return {
    cameras,
    ringBytes,
    neededBytes: ringBytes + Math.max(...sizes),
    warnings: [...warningsOf(config), ...copiedCameras(config, cameras)],
  };
}

/** Every ring of a plan. */
export function ringsOf({ cameras }: Pick<Plan, 'cameras'>): PlannedRing[] {
  return cameras.flatMap(({ ring, rings, streams }) => [
    ring,
    ...rings,
    ...streams.map((stream) => stream.ring),
  ]);
}

/** What the operator should know of a configuration that is valid all the same. */
export function warningsOf({ server, streams }: Config): string[] {
  return [...exposureOf(server), ...streams.filter((stream) => !isServed(stream)).map(leftOutText)];
}

function exposureOf({ host, auth }: Config['server']): string[] {
  if (isLoopback(host) || auth !== undefined) return [];
  return [`listening on ${host} without a password: whoever reaches this machine can watch the cameras`];
}

/** The plan for people. */
export function planText(plan: Plan): string {
  const lines = plan.cameras.flatMap((camera) => [
    `camera  ${camera.name}: ${camera.source}${camera.assumed ? ', assumed until it is opened:' : ''}`,
    ...[camera.ring, ...camera.rings].map((ring) => `  ring    ${ringText(ring)}`),
    ...camera.streams.flatMap(({ ring, quality, urls }) => [
      `  stream  ${ringText(ring)}, then MJPEG quality ${quality}`,
      ...urls.map((url) => `          ${url}`),
    ]),
  ]);
  const notes = plan.warnings.map((warning) => `NOTE    ${warning}`);
  const memory =
    `memory  ${megabytes(plan.ringBytes)} of shared memory in all, and ${megabytes(plan.neededBytes)} ` +
    'while a ring is made anew';
  return [...lines, ...notes, memory].join('\n');
}

/** 87.2 MB */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const testPicture = { width: 1920, height: 1080, rate: 60, format: 'yuyv' } as const;

function planCamera(camera: CameraConfig, config: Config): PlannedCamera {
  const { mode, source } = camera;
  const native = {
    width: mode.width || testPicture.width,
    height: mode.height || testPicture.height,
    rate: mode.rate || testPicture.rate,
    format: mode.format || testPicture.format,
  };
  const rings = config.rings.filter((ring) => ring.camera === camera.name);
  const streams = config.streams.filter(isServed).filter((stream) => stream.camera === camera.name);
  const conversions = rings.length + streams.length;
  const queue = source.kind === 'v4l2' || source.kind === 'auto' ? camera.buffers.count || 4 : 1;
  return {
    name: camera.name,
    source: sourceText(source),
    assumed: source.kind !== 'test' && (mode.width === 0 || mode.rate === 0 || mode.format === ''),
    ring: planRing(camera.ring, native, queue, conversions),
    rings: rings.map((ring) => planDerived(ring, ring.picture, ring.format, native)),
    streams: streams.map((stream) => planStream(stream, config, native)),
  };
}

type Picture = Pick<PlannedRing, 'width' | 'height' | 'rate' | 'format'>;

function planRing(place: RingPlace, picture: Picture, queue: number, localLeases: number): PlannedRing {
  const leases = place.slots.readers * place.slots.hold + localLeases;
  return { name: place.name, ...picture, leases, ...ringMemory({ ...picture, queue, leases }) };
}

function planDerived(
  place: RingPlace,
  picture: PictureConfig,
  format: PixelFormat,
  native: Picture,
): PlannedRing {
  const { width, height } = pictureSize(picture, native);
  const rate = picture.rate === 0 ? native.rate : Math.min(picture.rate, native.rate);
  return planRing(place, { width, height, rate, format }, 1, 0);
}

function planStream(stream: ServedStream, { server, streams }: Config, native: Picture): PlannedStream {
  const { name, port, picture, codec } = stream;
  const host = urlHost(server.host);
  const isFirst = streams.find((one) => isServed(one) && one.port === port) === stream;
  return {
    name,
    quality: codec.quality,
    ring: planDerived(streamPlace(name), picture, 'rgb24', native),
    urls: [
      ...(port === undefined ? [] : [`http://${host}:${port}/${isFirst ? '' : name}`]),
      `http://${host}:${server.httpPort}/mjpeg/${name}`,
      `http://${host}:${server.httpPort}/snapshot/${name}.jpg`,
      `rtsp://${host}:${server.rtsp.port}/${name}`,
    ],
  };
}

const mostBuffers = 32; // of most drivers and kernels; USERPTR wants one for each slot

/** Cameras whose frames will be copied once because their rings have more slots than a driver has buffers. */
function copiedCameras({ cameras }: Config, planned: readonly PlannedCamera[]): string[] {
  return cameras.flatMap(({ name, source, buffers }, index) => {
    const { slots = 0 } = planned[index]?.ring ?? {};
    const isDevice = source.kind === 'v4l2' || source.kind === 'auto';
    if (!isDevice || buffers.io === 'mmap' || slots <= mostBuffers) return [];
    const cost = buffers.io === 'userptr' ? 'it will most likely not open' : 'frames are copied once (MMAP)';
    return [
      `camera "${name}": its ring has ${slots} slots and most drivers take ${mostBuffers} buffers at most ` +
        `(USERPTR): ${cost}. Fewer slots.readers, or a lower rate, avoid that`,
    ];
  });
}

function leftOutText(stream: StreamConfig): string {
  return `stream "${stream.name}" is left out: H.264 is not part of this version yet`;
}

function ringText(ring: PlannedRing): string {
  const { name, slots, leases, bytes } = ring;
  return `${name}: ${shapeText(ring)}, ${slots} slots (${leases} leases), ${megabytes(bytes)}`;
}
