import {
  type CameraAddon,
  CamstreamError,
  hasErrorCode,
  type Log,
  type NativeCamera,
  type NativeCapture,
  type NativeTrack,
  toCamstreamError,
} from '@camstream/core';
import type { CameraConfig } from '../config/config.js';
import type { RingFolder } from '../config/ring-place.js';
import { LoopEvents } from './loop-events.js';
import { ringOptions } from './ring-options.js';

/** What the track is opened with. */
export interface H264TrackOptions {
  readonly addon: Pick<CameraAddon, 'listCameras' | 'startCapture'>;
  readonly camera: Pick<CameraConfig, 'name' | 'h264' | 'ring'>;
  /** The node that raw pictures come from, or `id:` and its camera's id. */
  readonly path: string;
  readonly folder: RingFolder;
  readonly log: Log;
}

/**
 * The H.264 that a camera gives at a second node while raw pictures come from the first: captured as it is
 * into the ring `camera-h264`, one access unit a frame. A capture of its own, so that what befalls it does
 * not touch the raw pictures.
 */
export class H264Track {
  private constructor(
    readonly path: string,
    private readonly capture: NativeCapture,
  ) {}

  /** undefined: the camera has no such node, or it does not open; that is told. */
  static async open(options: H264TrackOptions): Promise<H264Track | undefined> {
    const { addon, camera, path, folder, log } = options;
    if (camera.h264 === 'off') return undefined;
    const node = camera.h264 === 'auto' ? h264Node(await addon.listCameras(), path) : camera.h264;
    if (node === undefined) return undefined;
    const who = `camera ${camera.name}: H.264 of ${node}`;
    const place = { ...camera.ring, name: `${camera.ring.name}-h264` };
    const source = { kind: 'v4l2', path: node, width: 0, height: 0, rate: 0, format: 'h264' } as const;
    try {
      const events = new LoopEvents(who, log);
      const capture = await addon.startCapture(source, ringOptions(place, folder, 0), events.take);
      return new H264Track(node, capture);
    } catch (error) {
      const known = toCamstreamError(error);
      if (!(known instanceof CamstreamError)) throw error;
      log.warn({ code: known.code }, `${who} is left out: ${known.message}`);
      return undefined;
    }
  }

  /** The track, for those who list them; none while its ring is being made anew. */
  entries(): NativeTrack[] {
    try {
      const info = this.capture.info();
      return [{ codec: 'h264', ring: info.name, info }];
    } catch (error) {
      if (hasErrorCode(error, 'RING_NOT_READY')) return [];
      throw error;
    }
  }

  close(): Promise<void> {
    return this.capture.close();
  }
}

/** Another node of the same device that gives H.264, and not the one that raw pictures come from. */
export function h264Node(cameras: readonly NativeCamera[], path: string): string | undefined {
  const main = cameras.find((camera) => camera.path === path || `id:${camera.id}` === path);
  const gives = ({ modes }: NativeCamera) => modes.some(({ format }) => format === 'h264');
  return cameras.find((other) => other !== main && other.bus === main?.bus && gives(other))?.path;
}
