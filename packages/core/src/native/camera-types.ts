// What addon-types.ts says of the addons, for cameras: what there are, and one that is captured.
import type { NativeRingInfo, NativeRingStatus } from './ring-types.js';

/** What a capture or a conversion tells the event loop. */
export type NativeEvent =
  | { readonly kind: 'started'; readonly description: string; readonly info: NativeRingInfo }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retryInMs: number }
  | { readonly kind: 'stalled' | 'recovered' | 'rebuilt' | 'ended' }
  | { readonly kind: 'revoked'; readonly count: number }
  /** Readers in other processes: the first has joined, or the last has left; so many there are. */
  | { readonly kind: 'visited'; readonly count: number }
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
  /** Cannot be set for as long as the camera streams. */
  readonly locked: boolean;
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
  /**
   * Puts another source in the place of the one that runs; the ring stays if the picture is alike. Rejects
   * with what is wrong with the new one, and then the old one runs on. Counters of the source begin anew.
   */
  changeSource(source: NativeSourceOptions): Promise<void>;
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
