import type { H264Config, MjpegConfig, StreamConfig } from './config/config.js';
import type { Encoder } from './encode/encoder.js';
import { Hardware } from './encode/hardware.js';
import { Demand } from './feed/demand.js';
import type { DemandedRing } from './feed/demanded-ring.js';
import type { Cameras } from './open-cameras.js';
import { h264Encoder, jpegEncoder, type Opener } from './open-encoders.js';
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
            ...(await openStream(parts, config, ring, h264Encoder(parts, codec, hardware, cameras))),
          },
    );
  }
  return { streams, hardware };
}

async function openStream<U extends Unit>(
  { log, teardown }: Parts,
  config: StreamConfig,
  ring: DemandedRing,
  open: Opener<U>,
): Promise<Running<U>> {
  const { name } = config;
  const demand = new Demand((on) => {
    encoder.setActive(on);
    if (on) return log.info({ stream: name }, 'stream watched');
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
