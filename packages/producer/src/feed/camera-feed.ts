import {
  type CameraAddon,
  isPixelFormat,
  type Log,
  type NativeCapture,
  type NativeEvent,
  type NativeNeeds,
  type NativeSourceOptions,
  type NativeTrack,
  toCamstreamError,
} from '@camstream/core';
import type { CameraConfig } from '../config/config.js';
import type { RingFolder } from '../config/ring-place.js';
import type { Source } from '../config/source.js';
import { CameraNotice } from './camera-notice.js';
import { rankCameras } from './choose-camera.js';
import { H264Track } from './h264-track.js';
import { jpegDecoders } from './jpeg-decoders.js';
import { LoopEvents, type LoopState } from './loop-events.js';
import { ringOptions } from './ring-options.js';

/** What a camera is opened with. */
export interface CameraFeedOptions {
  readonly addon: CameraAddon;
  readonly camera: CameraConfig;
  readonly folder: RingFolder;
  /** What rings and streams want of it. */
  readonly needs: NativeNeeds;
  /** Conversions that will read this camera's ring. */
  readonly conversions: number;
  /** Devices that other cameras of this service have: `auto` leaves them alone. */
  readonly taken: ReadonlySet<string>;
  readonly log: Log;
}

/** A camera that is being captured into its ring. */
export class CameraFeed {
  private constructor(
    readonly name: string,
    /** What `auto` came to. */
    readonly source: Source,
    readonly capture: NativeCapture,
    private readonly events: LoopEvents,
    /** What viewers see while it is away. */
    readonly notice: CameraNotice,
    /** Of a second node; beside what the first gives. */
    readonly h264: H264Track | undefined,
  ) {}

  /** Opens the camera's source. Throws what is wrong with it, or with its ring. */
  static async open(options: CameraFeedOptions): Promise<CameraFeed> {
    const { source } = options.camera;
    return source.kind === 'auto'
      ? openBest(options, CameraFeed.openSource)
      : CameraFeed.openSource(options, source);
  }

  get state(): LoopState {
    return this.events.state;
  }

  /** The rings of the camera's compressed pictures that there are now. */
  tracks(): readonly NativeTrack[] {
    return [...this.capture.tracks(), ...(this.h264?.entries() ?? [])];
  }

  async close(): Promise<void> {
    await Promise.all([this.h264?.close(), this.capture.close()]);
  }

  private static async openSource(
    { addon, camera, needs, folder, conversions, log }: CameraFeedOptions,
    source: Opened,
  ) {
    const events = new LoopEvents(`camera ${camera.name}`, log);
    const notice = new CameraNotice(camera.name);
    const take = (event: NativeEvent) => {
      events.take(event);
      notice.take(event);
    };
    try {
      const ring = ringOptions(camera.ring, folder, conversions);
      const capture = await addon.startCapture(sourceOptions(camera, needs, source), ring, take);
      const own = source.kind === 'v4l2' && camera.backend === 'v4l2';
      const h264 = own ? await H264Track.open({ addon, camera, path: source.path, folder, log }) : undefined;
      return new CameraFeed(camera.name, source, capture, events, notice, h264);
    } catch (error) {
      throw toCamstreamError(error);
    }
  }
}

type Opened = Exclude<Source, { kind: 'auto' }>;

/** The best camera that opens, else the test picture; says which and why. */
async function openBest(
  options: CameraFeedOptions,
  open: (options: CameraFeedOptions, source: Opened) => Promise<CameraFeed>,
): Promise<CameraFeed> {
  const { addon, camera, needs, log, taken } = options;
  const who = `camera ${camera.name}: source auto`;
  const found = rankCameras(await addon.listCameras(needs), needs);
  const free = found.filter((one) => !taken.has(one.camera.path) && !taken.has(`id:${one.camera.id}`));
  for (const { camera: device, why } of free) {
    const { path } = device;
    try {
      const feed = await open(options, { kind: 'v4l2', path });
      log.info({}, `${who} takes ${path} (${device.name}, id:${device.id}): ${why}`);
      return feed;
    } catch (error) {
      if (!isSourceError(error)) throw error;
      log.info({ code: error.code }, `${who} passes over ${path}: ${error.message}`);
    }
  }
  const why = free.length === 0 ? 'there is no free camera' : 'no camera can be used';
  log.info({}, `${who} takes the test picture: ${why}`);
  return open(options, { kind: 'test' });
}

/** Whether the device is at fault. What is wrong with the ring would be wrong with every device. */
function isSourceError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^(DEVICE|CAMERA)_/.test(String(error.code));
}

function sourceOptions(camera: CameraConfig, needs: NativeNeeds, source: Opened): NativeSourceOptions {
  const { mode, controls, buffers, backend, jpegDecoder } = camera;
  const wanted = { width: mode.width, height: mode.height, rate: mode.rate, format: mode.format };
  switch (source.kind) {
    case 'test':
      // In place of a camera of whom something was wished that only cameras have.
      return { kind: 'test', ...wanted, format: isPixelFormat(mode.format) ? mode.format : '' };
    case 'file':
      return { kind: 'file', path: source.path, ...wanted };
    case 'gst':
      return { kind: 'gst', pipeline: source.pipeline, ...wanted };
    case 'v4l2': {
      const device = {
        path: source.path,
        ...wanted,
        needs,
        standard: mode.standard,
        ...(mode.input === undefined ? {} : { input: mode.input }),
        controls,
        wait: camera.source.kind === 'v4l2',
      };
      if (backend === 'gstreamer') return { kind: 'gst', ...device };
      return {
        kind: 'v4l2',
        ...device,
        stallMs: camera.stallMs,
        io: buffers.io,
        ...(buffers.count > 0 ? { buffers: buffers.count } : {}),
        decoders: jpegDecoder === 'auto' ? jpegDecoders() : [],
      };
    }
  }
}
