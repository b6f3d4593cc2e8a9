import { CamstreamError } from '@camstream/core';
import { isServed, type ServedStream } from './config/stream-ring.js';
import type { Encoder } from './encode/encoder.js';
import { JpegEncoder } from './encode/jpeg-encoder.js';
import { sharpCodec } from './encode/sharp-codec.js';
import { Demand } from './feed/demand.js';
import type { DemandedRing } from './feed/demanded-ring.js';
import { openFrameFeed } from './feed/frame-feed.js';
import type { DerivedRings } from './open-rings.js';
import type { Parts } from './parts.js';
import { Stream } from './stream/stream.js';
import type { JpegUnit } from './unit/unit.js';

/** A stream that is encoded and waits for viewers. */
export interface RunningStream {
  readonly config: ServedStream;
  readonly stream: Stream<JpegUnit>;
  readonly encoder: Encoder;
}

/** Opens every stream of the configuration; each is encoded while somebody watches, or always (`warm`). */
export async function openStreams(parts: Parts, rings: DerivedRings): Promise<RunningStream[]> {
  const running: RunningStream[] = [];
  for (const config of parts.config.streams.filter(isServed)) {
    const ring = rings.ofStream.get(config.name);
    if (ring === undefined) throw new Error(`stream "${config.name}" was given a ring by streamRings()`);
    running.push(await openStream(parts, config, ring));
  }
  return running;
}

async function openStream(parts: Parts, config: ServedStream, ring: DemandedRing): Promise<RunningStream> {
  const { log, teardown } = parts;
  const { name } = config;
  const demand = new Demand((on) => {
    if (on) ring.demand.add();
    encoder.setActive(on);
    if (on) return log.info({ stream: name }, 'stream watched');
    ring.demand.remove();
    stream.forget();
    log.info({ stream: name }, 'stream paused: nobody watches');
  });
  const stream = new Stream<JpegUnit>(name, demand);
  const encoder = await openEncoder(parts, config, ring, (unit) => stream.publish(unit));
  teardown.add(`stream ${name}`, () => {
    demand.stop();
    return encoder.close();
  });
  if (config.warm) demand.add();
  return { config, stream, encoder };
}

async function openEncoder(
  { log, fail }: Parts,
  { name, codec, adapt }: ServedStream,
  ring: DemandedRing,
  publish: (unit: JpegUnit) => void,
): Promise<Encoder> {
  const { quality } = codec;
  if (codec.encoder === 'turbo') {
    throw new CamstreamError(
      'CONFIG_INVALID',
      `stream "${name}": encoder turbo is not part of this version yet`,
    );
  }
  const frames = await openFrameFeed(ring.feed.name);
  const encoder = new JpegEncoder({ name, codec: sharpCodec, quality, adapt, frames, publish, log });
  encoder.ended.catch(fail);
  return encoder;
}
