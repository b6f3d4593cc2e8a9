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
import { AutoCamera } from './auto-camera.js';
import { CameraNotice } from './camera-notice.js';
import { CameraSearch } from './camera-search.js';
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
  /** Devices that cameras of this service have, this one's added: `auto` leaves them alone. */
  readonly taken: Set<string>;
  readonly log: Log;
}

/** A camera that is being captured into its ring. */
export class CameraFeed {
  private search: CameraSearch | undefined;

  private constructor(
    private readonly options: CameraFeedOptions,
    private opened: Opened,
    readonly capture: NativeCapture,
    private readonly events: LoopEvents,
    /** What viewers see while it is away. */
    readonly notice: CameraNotice,
    private track: H264Track | undefined,
  ) {}

  /** Opens the camera's source. Throws what is wrong with it, or with its ring. */
  static async open(options: CameraFeedOptions): Promise<CameraFeed> {
    const { source } = options.camera;
    return source.kind === 'auto' ? CameraFeed.openAuto(options) : CameraFeed.openSource(options, source);
  }

  get name(): string {
    return this.options.camera.name;
  }

  /** What `auto` has come to by now. */
  get source(): Source {
    return this.opened;
  }

  /** Of a second node; beside what the first gives. */
  get h264(): H264Track | undefined {
    return this.track;
  }

  get state(): LoopState {
    return this.events.state;
  }

  /** The rings of the camera's compressed pictures that there are now. */
  tracks(): readonly NativeTrack[] {
    return [...this.capture.tracks(), ...(this.h264?.entries() ?? [])];
  }

  async close(): Promise<void> {
    await this.search?.stop();
    await Promise.all([this.h264?.close(), this.capture.close()]);
  }

  /** The best camera that opens; else the test picture, until there is one. */
  private static async openAuto(options: CameraFeedOptions): Promise<CameraFeed> {
    const who = `camera ${options.camera.name}: source auto`;
    const auto = new AutoCamera({ ...options, who });
    const open = (path: string) => CameraFeed.openSource(options, { kind: 'v4l2', path });
    const best = await auto.openBest(open);
    if (best) return best;
    const why = auto.mayComeFree ? 'no camera can be used' : 'there is no free camera';
    options.log.info({}, `${who} takes the test picture until there is a camera: ${why}`);
    const feed = await CameraFeed.openSource(options, { kind: 'test' });
    feed.search = CameraSearch.start(auto, {
      change: (path) => feed.changeTo(path),
      failed: (error) => options.log.error({}, `${who} cannot look for cameras: ${String(error)}`),
    });
    return feed;
  }

  private static async openSource(options: CameraFeedOptions, source: Opened): Promise<CameraFeed> {
    const { addon, camera, needs, folder, conversions, log } = options;
    const events = new LoopEvents(`camera ${camera.name}`, log);
    const notice = new CameraNotice(camera.name);
    const take = (event: NativeEvent) => {
      events.take(event);
      notice.take(event);
    };
    try {
      const ring = ringOptions(camera.ring, folder, conversions);
      const capture = await addon.startCapture(sourceOptions(camera, needs, source), ring, take);
      const h264 = await openH264(options, source);
      return new CameraFeed(options, source, capture, events, notice, h264);
    } catch (error) {
      throw toCamstreamError(error);
    }
  }

  /** From the test picture to a camera, in the same ring if its pictures are alike. Throws what is wrong. */
  private async changeTo(path: string): Promise<void> {
    const source = { kind: 'v4l2', path } as const;
    const { camera, needs } = this.options;
    await this.capture.changeSource(sourceOptions(camera, needs, source)).catch((error: unknown) => {
      throw toCamstreamError(error);
    });
    this.opened = source;
    this.track = await openH264(this.options, source);
  }
}

/** Claims the devices, too. */
async function openH264(options: CameraFeedOptions, source: Opened): Promise<H264Track | undefined> {
  const { camera, taken } = options;
  if (source.kind !== 'v4l2') return undefined;
  taken.add(source.path);
  if (camera.backend !== 'v4l2') return undefined;
  const h264 = await H264Track.open({ ...options, path: source.path });
  if (h264) taken.add(h264.path);
  return h264;
}

type Opened = Exclude<Source, { kind: 'auto' }>;

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
