import type { H264Config, MjpegConfig, StreamConfig } from './config/config.js';
import { isUnchanged } from './config/picture-size.js';
import type { Encoder } from './encode/encoder.js';
import { H264Encoder } from './encode/h264-encoder.js';
import { Hardware } from './encode/hardware.js';
import { JpegEncoder } from './encode/jpeg-encoder.js';
import { PassThrough } from './encode/pass-through.js';
import { PreferredSource } from './encode/preferred-source.js';
import { sharpCodec } from './encode/sharp-codec.js';
import { turboCodec } from './encode/turbo-codec.js';
import { Demand } from './feed/demand.js';
import type { DemandedRing } from './feed/demanded-ring.js';
import { openFrameFeed } from './feed/frame-feed.js';
import type { Cameras } from './open-cameras.js';
import type { DerivedRings } from './open-rings.js';
import type { Parts } from './parts.js';
import { Stream } from './stream/stream.js';
import type { H264Unit, JpegUnit, Unit } from './unit/unit.js';

/** A stream that is encoded and waits for viewers. */
export type RunningStream = RunningJpeg | RunningH264;

/** One of JPEG pictures. */
export interface RunningJpeg extends Running<JpegUnit> {
  readonly kind: 'mjpeg';
  readonly codec: MjpegConfig;
}

/** One of H.264. */
export interface RunningH264 extends Running<H264Unit> {
  readonly kind: 'h264';
  readonly codec: H264Config;
}

interface Running<U extends Unit> {
  readonly config: StreamConfig;
  readonly stream: Stream<U>;
  readonly encoder: Encoder;
}

/** Every stream, and what this machine can encode with. */
export interface RunningStreams {
  readonly streams: readonly RunningStream[];
  readonly hardware: Hardware;
}

/** Opens every stream of the configuration; each is encoded while somebody watches, or always (`warm`). */
export async function openStreams(
  parts: Parts,
  cameras: Cameras,
  rings: DerivedRings,
): Promise<RunningStreams> {
  const hardware = new Hardware(parts.log);
  const streams: RunningStream[] = [];
  for (const config of parts.config.streams) {
    const ring = rings.ofStream.get(config.name);
    if (ring === undefined) throw new Error(`stream "${config.name}" was given a ring by streamRings()`);
    const { codec } = config;
    streams.push(
      codec.kind === 'mjpeg'
        ? {
            kind: 'mjpeg',
            codec,
            ...(await openStream(parts, config, ring, jpegEncoder(parts, codec, cameras))),
          }
        : {
            kind: 'h264',
            codec,
            ...(await openStream(parts, config, ring, h264Encoder(parts, codec, hardware))),
          },
    );
  }
  return { streams, hardware };
}

/** Makes the encoder of a stream that reads a ring. */
type Opener<U extends Unit> = (
  config: StreamConfig,
  ring: DemandedRing,
  publish: (unit: U) => void,
) => Encoder | Promise<Encoder>;

async function openStream<U extends Unit>(
  { log, teardown }: Parts,
  config: StreamConfig,
  ring: DemandedRing,
  open: Opener<U>,
): Promise<Running<U>> {
  const { name } = config;
  const demand = new Demand((on) => {
    // Who may do without the ring's frames asks for them itself.
    const asks = !(encoder instanceof PreferredSource);
    if (on && asks) ring.demand.add();
    encoder.setActive(on);
    if (on) return log.info({ stream: name }, 'stream watched');
    if (asks) ring.demand.remove();
    stream.forget();
    log.info({ stream: name }, 'stream paused: nobody watches');
  });
  const stream = new Stream<U>(name, demand);
  const encoder = await open(config, ring, (unit) => stream.publish(unit));
  teardown.add(`stream ${name}`, () => {
    demand.stop();
    return encoder.close();
  });
  if (config.warm) demand.add();
  return { config, stream, encoder };
}

function jpegEncoder(
  { addon, log, fail }: Parts,
  { quality, encoder: wanted, passThrough }: MjpegConfig,
  cameras: Cameras,
): Opener<JpegUnit> {
  return async ({ name, adapt, camera, picture }, ring, publish) => {
    const codec = wanted === 'turbo' ? turboCodec(addon) : sharpCodec;
    const frames = await openFrameFeed(ring.feed.name);
    const encoder = new JpegEncoder({ name, codec, quality, adapt, frames, publish, log });
    encoder.ended.catch(fail);
    const capture = cameras.get(camera)?.capture;
    if (!passThrough || capture === undefined) return encoder;
    const track = () =>
      capture.tracks().find((one) => one.codec === 'jpeg' && isUnchanged(picture, one.info))?.ring;
    const own = new PassThrough({
      ...{ name, adapt, publish, log },
      rate: picture.rate,
      open: async () => {
        const ring = track();
        if (ring === undefined) throw new Error('the camera gives none of this size any more');
        return openFrameFeed(ring);
      },
    });
    return new PreferredSource({
      preferred: own,
      otherwise: encoder,
      // While the camera is away the encoder shows the notice that says so.
      fits: () => capture.status().state !== 'stalled' && track() !== undefined,
      wantFrames: (want) => (want ? ring.demand.add() : ring.demand.remove()),
      log,
    });
  };
}

function h264Encoder(
  { addon, log, fail }: Parts,
  { encoder: wanted, ...settings }: H264Config,
  hardware: Hardware,
): Opener<H264Unit> {
  return ({ name, adapt }, ring, publish) => {
    const from = ring.feed.conversion;
    const common = { name, adapt, publish, log, hardware, addon, from };
    // The ring has the stream's rate already.
    const encoder = new H264Encoder({ ...common, settings, encoder: wanted, rate: 0 });
    encoder.prepare().catch(fail);
    return encoder;
  };
}
