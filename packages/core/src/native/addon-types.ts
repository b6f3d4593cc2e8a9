/**
 * What the addon `camera` offers beside captures: conversions, encoders, and the addon itself; ring-types.ts
 * has the addon `ring`. The same names on both sides; policy is TypeScript, bytes and threads are C++. An
 * error thrown by an addon has `code` (docs/errors.md) and a message for people.
 */
import type {
  NativeCamera,
  NativeCapture,
  NativeControl,
  NativeEvent,
  NativeNeeds,
  NativeSourceOptions,
} from './camera-types.js';
import type { NativeFeedEvent, NativeFeeder } from './feeder-types.js';
import type { NativeRingInfo, NativeRingOptions, NativeRingStatus } from './ring-types.js';

/** One slot's bytes for a derived ring: what the conversion thread is asked to make. */
export interface NativeConversionOptions {
  readonly width: number;
  readonly height: number;
  readonly fit: 'stretch' | 'contain' | 'cover';
  readonly format: string;
  /** Frames a second; 0 keeps the source's. */
  readonly rate: number;
  readonly crop?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly mirror: boolean;
  readonly rotate: 0 | 90 | 180 | 270;
}

/** A conversion thread: reads the ring of a camera or of another conversion, fills a ring of its own. */
export interface NativeConversion {
  /** A paused conversion costs nothing; its ring says so, keeps its last frame, and tells who joins it. */
  setActive(active: boolean): void;
  /**
   * What the ring shows once a second, in place of frames, while its source is down; lines are parted by
   * newlines. The first frame replaces it at once. Empty: nothing, the last frame stays.
   */
  setNotice(text: string): void;
  close(): Promise<void>;
  status(): NativeRingStatus & {
    readonly converted: number;
    /** Frames of the source that the rate does not want. */
    readonly skipped: number;
    /** Frames that were wanted and overtaken by a newer one. */
    readonly missed: number;
    /** Processor time of all conversions. */
    readonly convertNsTotal: number;
  };
  info(): NativeRingInfo;
}

/** libturbojpeg on libuv's threads; one picture at a time each. */
export interface NativeJpegEncoder {
  /**
   * Baseline JPEG, 4:2:0, full-range BT.601, of an i420 picture of any matrix and range, whose bytes must
   * stay until the promise settles. `scale` 2: half as wide and half as high. Rejects with JPEG_ENCODER.
   */
  encode(
    data: Uint8Array,
    layout: { format: 'i420'; width: number; height: number; matrix: string; range: string },
    wish: { quality: number; scale: number },
  ): Promise<Buffer>;
}

/** A ring that JavaScript fills itself: tests, benches, sources in TypeScript. */
export interface NativeRingWriter {
  /** Copies `data` into a slot and publishes it. Returns the sequence number. */
  publish(data: Uint8Array, meta?: { capturedAtNs?: bigint; flags?: number; droppedBefore?: number }): number;
  setState(state: 'starting' | 'live' | 'stalled'): void;
  status(): NativeRingStatus;
  info(): NativeRingInfo;
  close(): void;
}

/** The addon `camera`: what only a producer loads. */
export interface CameraAddon {
  /** Opens the source once, synchronously enough to report what is wrong with it by rejecting. */
  startCapture(
    source: NativeSourceOptions,
    ring: NativeRingOptions,
    onEvent: (event: NativeEvent) => void,
  ): Promise<NativeCapture>;
  startConversion(
    from: NativeCapture | NativeConversion,
    conversion: NativeConversionOptions,
    ring: NativeRingOptions,
    onEvent: (event: NativeEvent) => void,
  ): Promise<NativeConversion>;
  /** Feeds nothing before a frame is published after this call. Never throws but for wrong arguments. */
  startFeeder(
    from: NativeConversion | NativeCapture,
    options: { readonly rate: number; readonly gridMs: number },
    onEvent: (event: NativeFeedEvent) => void,
  ): NativeFeeder;
  /** The cameras of this machine in the order of their numbers. Looks at each; disturbs none. */
  listCameras(needs?: NativeNeeds): Promise<readonly NativeCamera[]>;
  /** Sets the controls given and resolves to all of them. Rejects with CONTROL_* or DEVICE_*. */
  cameraControls(
    device: string,
    settings: Readonly<Record<string, number | boolean | string>>,
  ): Promise<readonly NativeControl[]>;
  createJpegEncoder(): NativeJpegEncoder;
  createRing(
    ring: NativeRingOptions,
    /** `format` 'mjpeg': frames of at most two bytes a pixel, each as long as it is. */
    layout: { format: string; width: number; height: number; rate: number; matrix?: number; range?: number },
  ): NativeRingWriter;
  /** The capture time and sequence painted into a test picture, or undefined if there is none. */
  readBlockCode(
    data: Uint8Array,
    layout: { format: string; width: number; height: number },
  ): { sequence: number; capturedAtNs: bigint } | undefined;
  /**
   * The low 16 bits of the sequence number, which every row of a test picture carries; `torn`: `row` is
   * the first one that says otherwise than row 0.
   */
  checkRows(
    data: Uint8Array,
    layout: { format: string; width: number; height: number },
  ): { readonly torn: boolean; readonly sequence: number; readonly row: number };
  /**
   * Lets a TCP socket take no more than `bytes` that it has not sent yet (TCP_NOTSENT_LOWAT), so that what
   * waits for a narrow line waits with us, who can drop it. False: the kernel refused.
   */
  limitUnsent(fd: number, bytes: number): boolean;
  monotonicNs(): bigint;
}
