import type { NativeTrack } from '@camstream/core';
import type { H264Config, MjpegConfig, StreamConfig } from './config/config.js';
import { CameraUnits } from './encode/camera-units.js';
import type { Encoder } from './encode/encoder.js';
import { H264Encoder } from './encode/h264-encoder.js';
import type { Hardware } from './encode/hardware.js';
import { JpegEncoder } from './encode/jpeg-encoder.js';
import { allPictures, passThroughSteps } from './encode/jpeg-steps.js';
import { PassThrough } from './encode/pass-through.js';
import { PreferredSource } from './encode/preferred-source.js';
import { sharpCodec } from './encode/sharp-codec.js';
import { turboCodec } from './encode/turbo-codec.js';
import type { DemandedRing } from './feed/demanded-ring.js';
import { openFrameFeed } from './feed/frame-feed.js';
import { cameraRate, ownH264, ownJpeg } from './feed/own-track.js';
import type { Cameras } from './open-cameras.js';
import type { Parts } from './parts.js';
import type { H264Unit, JpegUnit, Unit } from './unit/unit.js';

/** Makes the encoder of a stream, which asks for frames of the stream's ring when it needs them. */
export type Opener<U extends Unit> = (
  config: StreamConfig,
  ring: DemandedRing,
  publish: (unit: U) => void,
) => Encoder | Promise<Encoder>;

/** JPEG by a library, or of the camera itself where it gives the stream's pictures. */
export function jpegEncoder(
  { addon, log, fail }: Parts,
  { quality, encoder: wanted, passThrough }: MjpegConfig,
  cameras: Cameras,
): Opener<JpegUnit> {
  return async ({ name, adapt, camera, picture }, ring, publish) => {
    const codec = wanted === 'turbo' ? turboCodec(addon) : sharpCodec;
    const frames = await openFrameFeed(ring.feed.name);
    const encode = (publish: (unit: JpegUnit) => void) => {
      const wantFrames = wanting(ring);
      const encoder = new JpegEncoder({ name, codec, quality, adapt, frames, wantFrames, publish, log });
      encoder.ended.catch(fail);
      return encoder;
    };
    const feed = cameras.get(camera);
    if (!passThrough || feed === undefined) return encode(publish);
    const track = () => ownJpeg(feed, picture);
    const steps = passThroughSteps({ rate: picture.rate, adapt });
    return new PreferredSource<JpegUnit>({
      preferred: (publish) =>
        new PassThrough<JpegUnit>({
          ...{ name, steps, policy: 'latest', delayIsOurs: true, open: () => openTrack(track()) },
          makeUnits: () => (data, shot) => ({ codec: 'jpeg', data, ...shot }),
          ...{ publish, log },
        }),
      otherwise: encode,
      fits: () => track() !== undefined,
      rate: picture.rate || cameraRate(feed),
      ...{ publish, log },
    });
  };
}

/** H.264 by ffmpeg, or of the camera itself where it gives the stream's pictures. */
export function h264Encoder(
  { addon, log, fail }: Parts,
  { encoder: wanted, passThrough, ...settings }: H264Config,
  hardware: Hardware,
  cameras: Cameras,
): Opener<H264Unit> {
  return ({ name, adapt, camera, picture }, ring, publish) => {
    const encode = (publish: (unit: H264Unit) => void) => {
      const from = ring.feed.conversion;
      const common = { name, adapt, publish, log, hardware, addon, from, wantFrames: wanting(ring) };
      // The ring has the stream's rate already.
      const encoder = new H264Encoder({ ...common, settings, encoder: wanted, rate: 0 });
      encoder.prepare().catch(fail);
      return encoder;
    };
    const feed = cameras.get(camera);
    if (!passThrough || wanted !== 'auto' || feed === undefined) return encode(publish);
    const { keyIntervalMs } = settings;
    // Looked up when it is needed: `auto` may come to a camera that has one later.
    const requestKeyFrame = () => feed.h264?.requestKeyFrame();
    const track = () => ownH264(feed, picture);
    return new PreferredSource<H264Unit>({
      preferred: (publish) =>
        new PassThrough<H264Unit>({
          ...{ name, steps: [allPictures], policy: 'every', delayIsOurs: false },
          open: () => openTrack(track()),
          makeUnits: () => {
            const units = new CameraUnits({ keyIntervalMs, requestKeyFrame });
            return (data, shot, lost) => units.take(data, shot, lost);
          },
          ...{ publish, log },
        }),
      otherwise: encode,
      fits: () => track() !== undefined,
      rate: picture.rate || cameraRate(feed),
      ...{ publish, log },
    });
  };
}

function wanting({ demand }: DemandedRing): (want: boolean) => void {
  return (want) => (want ? demand.add() : demand.remove());
}

async function openTrack(track: NativeTrack | undefined) {
  if (track === undefined) throw new Error('the camera gives none of this kind any more');
  return openFrameFeed(track.ring);
}
