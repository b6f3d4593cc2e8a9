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
  readonly addon: Pick<CameraAddon, 'listCameras' | 'startCapture' | 'cameraControls'>;
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
  /** The camera takes wishes for key frames, as far as is known. */
  private takesRequests = true;
  private isRequesting = false;

  private constructor(
    readonly path: string,
    private readonly capture: NativeCapture,
    private readonly options: H264TrackOptions,
  ) {}

  /** undefined: the camera has no such node, or it does not open; that is told. */
  static async open(options: H264TrackOptions): Promise<H264Track | undefined> {
    const { addon, camera, path, folder, log } = options;
    if (camera.h264 === 'off') return undefined;
    const cameras = await addon.listCameras();
    const node = camera.h264 === 'auto' ? h264Node(cameras, path) : camera.h264;
    if (node === undefined) return undefined;
    const device = cameras.find((one) => one.path === node || `id:${one.id}` === node);
    // Whoever begins in the middle finds all that a decoder has to know.
    const repeats = device?.controls.some(({ name }) => name === repeatParameters);
    const who = `camera ${camera.name}: H.264 of ${node}`;
    const place = { ...camera.ring, name: `${camera.ring.name}-h264` };
    const wanted = { kind: 'v4l2', path: node, width: 0, height: 0, rate: 0, format: 'h264' } as const;
    const source = { ...wanted, controls: repeats ? { [repeatParameters]: true } : {} };
    try {
      const events = new LoopEvents(who, log);
      const capture = await addon.startCapture(source, ringOptions(place, folder, historySlots), events.take);
      return new H264Track(device?.path ?? node, capture, options);
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

  /** The track while units come. */
  get live(): NativeTrack | undefined {
    return this.capture.status().state === 'live' ? this.entries()[0] : undefined;
  }

  /** Asks the camera for a key frame, at once; one that cannot be asked gives its next when it does. */
  requestKeyFrame(): void {
    if (!this.takesRequests || this.isRequesting) return;
    this.isRequesting = true;
    void this.forceKeyFrame();
  }

  close(): Promise<void> {
    return this.capture.close();
  }

  private async forceKeyFrame(): Promise<void> {
    const { addon, camera, log } = this.options;
    try {
      await addon.cameraControls(this.path, { [forceKeyFrame]: true });
    } catch (error) {
      // While a device is away it may be asked again; one that has no such control never.
      this.takesRequests = !hasErrorCode(error, 'CONTROL_UNKNOWN', 'CONTROL_READ_ONLY', 'CONTROL_LOCKED');
      log.debug({ path: this.path, error: String(error) }, `camera ${camera.name}: no key frame on request`);
    } finally {
      this.isRequesting = false;
    }
  }
}

/** V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME and V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER as drivers name them. */
const forceKeyFrame = 'force_key_frame';
const repeatParameters = 'repeat_sequence_header';
/** Units are read each in turn by an event loop that may be late. */
const historySlots = 6;

/** Another node of the same device that gives H.264, and not the one that raw pictures come from. */
export function h264Node(cameras: readonly NativeCamera[], path: string): string | undefined {
  const main = cameras.find((camera) => camera.path === path || `id:${camera.id}` === path);
  const gives = ({ modes }: NativeCamera) => modes.some(({ format }) => format === 'h264');
  return cameras.find((other) => other !== main && other.bus === main?.bus && gives(other))?.path;
}
