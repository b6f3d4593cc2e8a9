import type { Config, PictureConfig, RingPlace, StreamConfig } from './config.js';

/** A ring between a camera and the encoders of all streams that show the same picture. */
export interface StreamRing {
  /** Named after the first stream that reads it. */
  readonly place: RingPlace;
  readonly camera: string;
  readonly picture: PictureConfig;
  readonly format: StreamRingFormat;
  /** The ring it is made from; undefined: the camera's. */
  readonly from: string | undefined;
  /** Who reads it. */
  readonly streams: readonly string[];
  /** Readers inside the producer: conversions made from it, feeders of H.264 encoders. */
  readonly localLeases: number;
}

/** What encoders take: planar for libturbojpeg and ffmpeg, packed for sharp. */
export type StreamRingFormat = 'i420' | 'rgb24';

/** What a stream's encoder takes. */
export function formatFor({ codec }: StreamConfig): StreamRingFormat {
  return codec.kind === 'mjpeg' && codec.encoder === 'sharp' ? 'rgb24' : 'i420';
}

/**
 * The rings that a configuration's streams are encoded from, each behind the one it is made from. Streams of
 * one camera whose picture agrees share one; where both formats are wanted, the packed one is made from the
 * planar one, so that scaling is done once.
 */
export function streamRings({ streams }: Pick<Config, 'streams'>): StreamRing[] {
  const groups = new Map<string, StreamConfig[]>();
  for (const stream of streams) {
    const key = JSON.stringify([stream.camera, pictureKey(stream.picture)]);
    groups.set(key, [...(groups.get(key) ?? []), stream]);
  }
  return [...groups.values()].flatMap(ringsOfGroup);
}

function ringsOfGroup(group: readonly StreamConfig[]): StreamRing[] {
  const planar = group.filter((stream) => formatFor(stream) === 'i420');
  const packed = group.filter((stream) => formatFor(stream) === 'rgb24');
  const [first] = planar;
  const [firstPacked] = packed;
  const rings: StreamRing[] = [];
  if (first) {
    // An encoder that is to be replaced feeds beside the one that replaces it.
    const feeders = planar.filter(({ codec }) => codec.kind === 'h264').length * 2;
    rings.push(ringFor(first, planar, undefined, feeders + (firstPacked ? 1 : 0)));
  }
  if (firstPacked) rings.push(ringFor(firstPacked, packed, first?.name, 0));
  return rings;
}

function ringFor(
  first: StreamConfig,
  readers: readonly StreamConfig[],
  from: string | undefined,
  localLeases: number,
): StreamRing {
  return {
    place: { name: first.name, slots: slotsFor(readers), leaseTimeoutMs: 5000, group: '' },
    camera: first.camera,
    picture: from === undefined ? first.picture : unchanged,
    format: formatFor(first),
    from,
    streams: readers.map(({ name }) => name),
    localLeases,
  };
}

const unchanged: PictureConfig = {
  width: 0,
  height: 0,
  rate: 0,
  fit: 'stretch',
  crop: undefined,
  mirror: false,
  rotate: 0,
};

const most = { readers: 64, leases: 256 }; // of a ring

/** What the stream that asks for most asks for, and an encoder more for each other stream. */
function slotsFor(streams: readonly StreamConfig[]): RingPlace['slots'] {
  const hold = Math.max(...streams.map(({ slots }) => slots.hold));
  const readers = Math.max(...streams.map(({ slots }) => slots.readers)) + streams.length - 1;
  return { hold, readers: Math.min(readers, most.readers, Math.floor(most.leases / hold)) };
}

/** The same for pictures that are the same. */
function pictureKey({ width, height, rate, fit, crop, mirror, rotate }: PictureConfig): unknown[] {
  return [width, height, rate, fit, crop && [crop.x, crop.y, crop.width, crop.height], mirror, rotate];
}
