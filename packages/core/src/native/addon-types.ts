/**
 * What the two addons offer. The same names on both sides; policy is TypeScript, bytes and threads
 * are C++. An error thrown by an addon has `code` (docs/errors.md) and a message for people.
 */
import type { NativeFeedEvent, NativeFeeder } from './feeder-types.js';

/** Geometry of a ring, copied from its header once. Sizes in bytes, rates in frames a second. */
export interface NativeRingInfo {
  readonly name: string;
  readonly ringId: string;
  readonly fourcc: number;
  readonly width: number;
  readonly height: number;
  readonly planes: readonly { readonly offset: number; readonly stride: number; readonly rows: number }[];
  readonly slotCount: number;
  readonly slotStride: number;
  readonly payloadCapacity: number;
  readonly fileSize: number;
  readonly matrix: number;
  readonly primaries: number;
  readonly range: number;
  readonly rateNumerator: number;
  readonly rateDenominator: number;
  readonly producerPid: number;
  readonly leaseSlots: number;
  readonly leaseQuota: number;
  readonly layoutMajor: number;
  readonly layoutMinor: number;
  readonly monotonicNs: bigint;
  readonly realtimeNs: bigint;
}

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

/** Common to every ring that this process produces. */
export interface NativeRingOptions {
  readonly root: string;
  readonly name: string;
  readonly readers: number;
  readonly hold: number;
  readonly localLeases: number;
  readonly leaseTimeoutMs: number;
  readonly group: string;
  readonly systemModes: boolean;
}

/** A ring as its producer counts. */
export interface NativeRingStatus {
  readonly published: number;
  readonly revoked: number;
  readonly members: number;
  readonly leased: number;
  readonly slotCount: number;
  readonly fileSize: number;
}

/** What a capture or a conversion tells the event loop. */
export type NativeEvent =
  | { readonly kind: 'started'; readonly description: string; readonly info: NativeRingInfo }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retryInMs: number }
  | { readonly kind: 'stalled' | 'recovered' | 'rebuilt' | 'ended' }
  | { readonly kind: 'revoked'; readonly count: number }
  /** Chosen differently from what could be expected, and why (USERPTR refused by the driver, ...). */
  | { readonly kind: 'notice'; readonly code: string; readonly message: string };

/** The largest size and the highest rate that anything made from a camera wants; 0: no matter. */
export interface NativeNeeds {
  readonly width: number;
  readonly height: number;
  readonly rate: number;
}

/** A size and format that a camera offers. */
export interface NativeCameraMode {
  /** `yuyv` ..., `mjpeg`, `h264`, or the driver's four letters. */
  readonly format: string;
  /** Pictures as they are, not compressed. */
  readonly raw: boolean;
  /** Rings and streams can be made from it. */
  readonly usable: boolean;
  readonly width: number;
  readonly height: number;
  /** Frames a second; 0: the driver does not say. */
  readonly rate: number;
}

/** A control of a camera. */
export interface NativeControl {
  /** As v4l2-ctl spells it: `white_balance_automatic`. */
  readonly name: string;
  readonly kind: 'integer' | 'boolean' | 'menu' | 'button' | 'bitmask';
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly default: number;
  /** Of a menu: its entries, which may be set by name. */
  readonly menu: readonly { readonly value: number; readonly name: string }[];
  readonly readOnly: boolean;
  /** Something else, an automatic most often, decides at the moment. */
  readonly inactive: boolean;
}

/** A camera as `listCameras()` finds it. */
export interface NativeCamera {
  readonly path: string;
  /** Does not depend on the node's number (docs/camera.md). */
  readonly id: string;
  readonly name: string;
  /** As the driver says it: `usb-0000:00:14.0-2`. */
  readonly bus: string;
  readonly driver: string;
  readonly modes: readonly NativeCameraMode[];
  readonly controls: readonly NativeControl[];
  /** `0 (HDMI 1)`; empty where there is nothing to choose. */
  readonly inputs: readonly string[];
  readonly holders: readonly { readonly process: number; readonly program: string }[];
  /** Why nothing more is known of it: it may not be opened. Has a `code`. */
  readonly problem?: Error;
}

/** A program that takes JPEG on its standard input and gives i420 of the same size, full range, as output. */
export interface NativeDecoderProgram {
  /** For people. */
  readonly name: string;
  /** `{width}` and `{height}` stand for the picture's. */
  readonly argv: readonly string[];
  /** How pictures are told apart: each in a NUT packet, or one behind the other. */
  readonly framing: 'nut' | 'none';
}

/** A camera, a file, a GStreamer pipeline or the test picture. */
export interface NativeSourceOptions {
  readonly kind: 'test' | 'file' | 'v4l2' | 'gst';
  /** Device (a node, or `id:` and a stable id) or file. With gst: the device that a pipeline is made for. */
  readonly path?: string;
  /** gst without a path: the pipeline as gst-launch-1.0 takes it, without a sink. */
  readonly pipeline?: string;
  /** Wanted; 0 or '' leaves the choice to the source. */
  readonly width: number;
  readonly height: number;
  readonly rate: number;
  readonly format: string;
  /**
   * V4L2 only: the largest size and the highest rate that anything made from this camera wants; the mode is
   * chosen by it where width, height, rate and format leave a choice. 0: no matter.
   */
  readonly needs?: NativeNeeds;
  /** V4L2 only. */
  readonly io?: 'auto' | 'mmap' | 'userptr';
  readonly buffers?: number;
  /** V4L2 only: the device's input, where it has several; otherwise the one that is selected. */
  readonly input?: number;
  /** V4L2 only: the television standard of an analogue input (PAL, NTSC, SECAM, or one like PAL-B). */
  readonly standard?: string;
  /** V4L2 only: set each time it is opened. */
  readonly controls?: Readonly<Record<string, number | boolean | string>>;
  /** V4L2 only: no frame for so long is a hung camera; 0: 2 s, and never under three frames' time. */
  readonly stallMs?: number;
  /** V4L2 only: a device that is not there at the start is waited for; its ring is there already. */
  readonly wait?: boolean;
  /** V4L2 only: programs that may decode JPEG here, the best first; each is tried before its use. */
  readonly decoders?: readonly NativeDecoderProgram[];
  /** file only: the ffmpeg program to run. */
  readonly ffmpeg?: string;
}

/** A ring of a camera's compressed pictures beside that of its raw ones: `camera-jpeg`, `camera-h264`. */
export interface NativeTrack {
  readonly codec: 'jpeg' | 'h264';
  /** Its name, for the SDK. Each frame's `bytes used` is the length of its picture or access unit. */
  readonly ring: string;
  readonly info: NativeRingInfo;
}

/** A capture thread with the ring it fills. */
export interface NativeCapture {
  /** Stops the thread, closes device and ring; resolves when both are gone. */
  close(): Promise<void>;
  status(): NativeRingStatus & {
    readonly state: 'starting' | 'live' | 'stalled' | 'closed';
    readonly description: string;
    /** Frames that the driver or the file lost before they reached the ring. */
    readonly framesDropped: number;
    /** Buffers that the driver flagged with an error. */
    readonly framesCorrupt: number;
    /** Frames whose driver time could not be used and was replaced by the dequeue time. */
    readonly timesEstimated: number;
    readonly io: 'none' | 'mmap' | 'userptr';
    /** USERPTR: slots queued to the driver, and buffers that came back under their slot's address. */
    readonly zeroCopy: { readonly queued: number; readonly matched: number };
  };
  info(): NativeRingInfo;
  /** What the camera gives compressed, now: none for one that gives raw pictures. */
  tracks(): readonly NativeTrack[];
}

/** A conversion thread: reads the ring of a camera or of another conversion, fills a ring of its own. */
export interface NativeConversion {
  /** A paused conversion costs nothing; its ring keeps its last frame. */
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

/** What changes while a ring lives. Ages in nanoseconds; -1: nothing published yet. */
export interface NativeRingLive {
  /** 0 starting, 1 live, 2 stalled, 3 closed. */
  readonly state: number;
  readonly headSequence: number;
  readonly headAgeNs: number;
  readonly heartbeatAgeNs: number;
  readonly members: number;
  readonly leased: number;
  readonly revoked: number;
}

/** A ring opened for reading, with one native thread that waits. */
export interface NativeRing {
  info(): NativeRingInfo;
  live(): NativeRingLive;
  /** Leases this reader may hold at once; 0: it reads without leases. */
  quota(): number;
  /** Why this reader is no member, if status() says that it was refused; it asks again once a second. */
  refusal(): string;
  /** Sequence of the newest frame; 0: none yet. */
  head(): number;
  /** Frames held, those that native code may still use after their release, and private copies made. */
  counts(): { readonly held: number; readonly lingering: number; readonly copied: number };
  /**
   * Takes the newest frame (`every` false) or the oldest that is left (`every` true) if it is newer than
   * `after`, and fills the array given to openRing(): id, sequence, captured ns, published ns, flags,
   * bytes used, dropped before, leased. The id names the frame from then on; it is never used again.
   */
  take(every: boolean, after: number): boolean;
  /**
   * Another id for a held frame, for native code whose end is told by release(). If the lease is wanted
   * meanwhile, the frame becomes a copy at the same address. 0: `id` was released.
   */
  lend(id: bigint): bigint;
  /** The frame's bytes in place, for JavaScript: detached by release(). */
  view(id: bigint): ArrayBuffer;
  /**
   * The frame's bytes for native code that may be at work on them for longer than the frame is held: never
   * detached, and never shows another frame. In place if the frame is leased, else a copy. Throws
   * FRAME_RELEASED, FRAME_OVERWRITTEN.
   */
  handOut(id: bigint): ArrayBuffer;
  /** The bytes are still this frame's. */
  intact(id: bigint): boolean;
  /** Gives the frame back and detaches `view`. False: it was given back before. */
  release(id: bigint, view?: ArrayBuffer): boolean;
  /**
   * One call of `onWake` when a frame newer than `after` is there or status() changes; or, with `earlyUs`,
   * that many microseconds from now, whichever comes first.
   */
  arm(after: number, earlyUs?: number): void;
  /** Sleeps, 50 ms at most, for a frame newer than `after`. True: it is there. */
  waitSync(after: number, timeoutMs: number): boolean;
  /** The same without sleeping, 5000 µs at most: takes a core, and saves the time of being woken. */
  watch(after: number, timeoutUs: number): boolean;
  /**
   * Bits: 1 closed, 2 producer gone, 4 path leads to another ring, 8 stalled, 16 heartbeat stopped,
   * 32 refused.
   */
  status(): number;
  /** Keeps the process alive while true. */
  setRef(ref: boolean): void;
  /** Leaves the ring; frames that are held stay true, as copies of their own. */
  retire(): void;
  /** Leaves the ring and gives all frames back. */
  close(): void;
}

/** Shared memory that is left: bytes, where, and what gets more. */
export interface NativeMemoryBudget {
  readonly kind: 'fileSystem' | 'cgroup';
  readonly available: number;
  readonly where: string;
  readonly remedy: string;
}

/** The addon `ring`: what every consumer loads. */
export interface RingAddon {
  /** Throws RING_*. `meta` has room for eight values; `register`: join and take leases. */
  openRing(
    root: string,
    name: string,
    options: { readonly register: boolean },
    meta: BigUint64Array,
    onWake: (statusChanged: boolean) => void,
  ): NativeRing;
  /** Names of the rings below `root`; none if there is no such folder. */
  listRings(root: string): string[];
  /** Header and live values, without joining. Throws RING_*. */
  inspectRing(root: string, name: string): { readonly info: NativeRingInfo; readonly live: NativeRingLive };
  /** What limits the rings that this process may make in a folder: its file system, our cgroup. */
  memoryBudgets(folder: string): NativeMemoryBudget[];
  monotonicNs(): bigint;
}
