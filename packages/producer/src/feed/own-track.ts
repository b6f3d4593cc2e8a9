import { type NativeTrack, ringInfoOf } from '@camstream/core';
import type { PictureConfig } from '../config/config.js';
import { isUnchanged } from '../config/picture-size.js';
import type { CameraFeed } from './camera-feed.js';

/** The camera's own JPEGs that a stream of this picture can be made of, now. */
export function ownJpeg({ capture }: CameraFeed, picture: PictureConfig): NativeTrack | undefined {
  // While the camera is away the encoder shows the notice that says so.
  if (capture.status().state === 'stalled') return undefined;
  return capture.tracks().find(({ codec, info }) => codec === 'jpeg' && isUnchanged(picture, info));
}

/** The camera's own H.264 that is a stream of this picture, now. */
export function ownH264(feed: CameraFeed, picture: PictureConfig): NativeTrack | undefined {
  const track = feed.h264?.live;
  if (track === undefined || !isUnchanged(picture, track.info)) return undefined;
  return isRate(ringInfoOf(track.info).rate, picture.rate, cameraRate(feed)) ? track : undefined;
}

/** Of the raw pictures; 0: unknown. */
export function cameraRate({ capture }: Pick<CameraFeed, 'capture'>): number {
  return ringInfoOf(capture.info()).rate;
}

/** Whether a track's rate is what a stream would get of the raw pictures. 0: unknown, or all there are. */
export function isRate(track: number, wanted: number, raw: number): boolean {
  const expected = wanted === 0 ? raw : Math.min(wanted, raw || wanted);
  if (wanted === 0 && (track === 0 || raw === 0)) return true;
  return Math.abs(track - expected) <= expected / 100;
}
