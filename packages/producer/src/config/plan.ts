import { isPixelFormat, type PixelFormat } from '@camstream/core';
import { isLoopback, urlHost } from './addresses.js';
import type { CameraConfig, CodecConfig, Config, PictureConfig, RingPlace, StreamConfig } from './config.js';
import { isUnchanged, pictureSize } from './picture-size.js';
import { type RingMemory, ringMemory } from './ring-memory.js';
import { sourceText } from './source.js';
import { type StreamRing, streamRings } from './stream-ring.js';
import { testPicture } from './test-picture.js';

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
  readonly streamRings: readonly PlannedStreamRing[];
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

/** A ring that streams are encoded from. */
export interface PlannedStreamRing extends PlannedRing {
  /** The ring it is made from. */
  readonly from: string;
  /** The streams whose encoders read it. */
  readonly streams: readonly string[];
}

/** A stream, and how it is encoded. */
export interface PlannedStream {
  readonly name: string;
  readonly codec: CodecConfig;
  /** What the camera may encode itself so that it is passed through; which it does is not known before. */
  readonly own: 'JPEG' | 'H.264' | undefined;
  readonly ring: string;
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
  return cameras.flatMap(({ ring, rings, streamRings }) => [ring, ...rings, ...streamRings]);
}

/** What the operator should know of a configuration that is valid all the same. */
export function warningsOf({ server: { host, auth } }: Config): string[] {
  if (isLoopback(host) || auth !== undefined) return [];
  return [`listening on ${host} without a password: whoever reaches this machine can watch the cameras`];
}

function planCamera(camera: CameraConfig, config: Config): PlannedCamera {
  const { mode, source } = camera;
  const native = {
    width: mode.width || testPicture.width,
    height: mode.height || testPicture.height,
    rate: mode.rate || testPicture.rate,
    format: isPixelFormat(mode.format) ? mode.format : testPicture.format,
  };
  const rings = config.rings.filter((ring) => ring.camera === camera.name);
  const encoded = streamRings(config).filter((ring) => ring.camera === camera.name);
  const streams = config.streams.filter((stream) => stream.camera === camera.name);
  const conversions = rings.length + encoded.filter(({ from }) => from === undefined).length;
  const queue = isDevice(camera) ? camera.buffers.count || 4 : 1;
  return {
    name: camera.name,
    source: sourceText(source) + (camera.backend === 'gstreamer' ? ' through GStreamer' : ''),
    assumed: source.kind !== 'test' && (mode.width === 0 || mode.rate === 0 || mode.format === ''),
    ring: planRing(camera.ring, native, queue, conversions),
    rings: rings.map((ring) => planDerived(ring, ring.picture, ring.format, native, 0)),
    streamRings: planStreamRings(encoded, camera.ring.name, native),
    streams: streams.map((stream) => planStream(stream, config, encoded, { ...native, camera })),
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
  from: Picture,
  localLeases: number,
): PlannedRing {
  const { width, height } = pictureSize(picture, from);
  const rate = picture.rate === 0 ? from.rate : Math.min(picture.rate, from.rate);
  return planRing(place, { width, height, rate, format }, 1, localLeases);
}

/** Each is planned behind the one it is made from. */
function planStreamRings(
  rings: readonly StreamRing[],
  cameraRing: string,
  native: Picture,
): PlannedStreamRing[] {
  const planned = new Map<string, PlannedStreamRing>();
  for (const { place, picture, format, from, streams, localLeases } of rings) {
    const source = from === undefined ? native : (planned.get(from) ?? native);
    const ring = planDerived(place, picture, format, source, localLeases);
    planned.set(place.name, { ...ring, from: from ?? cameraRing, streams });
  }
  return [...planned.values()];
}

function planStream(
  stream: StreamConfig,
  { server, streams }: Config,
  rings: readonly StreamRing[],
  native: Picture & { readonly camera: CameraConfig },
): PlannedStream {
  const { name, port, codec, picture } = stream;
  const host = urlHost(server.host);
  const jpegUrls = [`mjpeg/${name}`, `snapshot/${name}.jpg`].map(
    (path) => `http://${host}:${server.httpPort}/${path}`,
  );
  const isFirst = streams.find((one) => one.port === port) === stream;
  return {
    name,
    codec,
    own: isUnchanged(picture, native) ? ownCodec(stream, native.camera) : undefined,
    ring: rings.find((ring) => ring.streams.includes(name))?.place.name ?? name,
    urls: [
      ...(port === undefined ? [] : [`http://${host}:${port}/${isFirst ? '' : name}`]),
      ...(codec.kind === 'h264' ? [] : jpegUrls),
      `rtsp://${host}:${server.rtsp.port}/${name}`,
    ],
  };
}

function ownCodec({ codec }: StreamConfig, camera: CameraConfig): PlannedStream['own'] {
  if (!codec.passThrough) return undefined;
  if (codec.kind === 'mjpeg') return 'JPEG';
  return isDevice(camera) && camera.h264 !== 'off' && codec.encoder === 'auto' ? 'H.264' : undefined;
}

/** Whether drivers' buffers are ours to look after. */
function isDevice({ source, backend }: CameraConfig): boolean {
  return backend === 'v4l2' && (source.kind === 'v4l2' || source.kind === 'auto');
}

const mostBuffers = 32; // of most drivers and kernels; USERPTR wants one for each slot

/** Cameras whose frames will be copied once because their rings have more slots than a driver has buffers. */
function copiedCameras({ cameras }: Config, planned: readonly PlannedCamera[]): string[] {
  return cameras.flatMap((camera, index) => {
    const { name, buffers } = camera;
    const { slots = 0 } = planned[index]?.ring ?? {};
    if (!isDevice(camera) || buffers.io === 'mmap' || slots <= mostBuffers) return [];
    const cost = buffers.io === 'userptr' ? 'it will most likely not open' : 'frames are copied once (MMAP)';
    return [
      `camera "${name}": its ring has ${slots} slots and most drivers take ${mostBuffers} buffers at most ` +
        `(USERPTR): ${cost}. Fewer slots.readers, or a lower rate, avoid that`,
    ];
  });
}
