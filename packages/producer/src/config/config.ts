import type { ControlSettings, PixelFormat } from '@camstream/core';
import type { X264Preset } from './h264-encoders.js';
import type { LatencyMode } from './latency-modes.js';
import type { Source } from './source.js';

/** What the service is to do: a configuration file with every default filled in and every name resolved. */
export interface Config {
  readonly cameras: readonly CameraConfig[];
  readonly rings: readonly RingConfig[];
  readonly streams: readonly StreamConfig[];
  readonly server: ServerConfig;
  readonly log: LogConfig;
}

/** One camera and the ring that holds its frames as they come. */
export interface CameraConfig {
  readonly name: string;
  readonly source: Source;
  /** What speaks to a device: our own capture, or a GStreamer pipeline made for it. */
  readonly backend: 'v4l2' | 'gstreamer';
  /** Wanted from the source; 0 and '' leave the choice to it. */
  readonly mode: {
    readonly width: number;
    readonly height: number;
    readonly rate: number;
    /** A pixel format, `mjpeg`, or a driver's four letters. */
    readonly format: string;
    /** V4L2 only: the device's input, where it has several; undefined: the one that is selected. */
    readonly input: number | undefined;
    /** V4L2 only: the television standard of an analogue input. */
    readonly standard: string;
  };
  /** backend v4l2 only. `count` 0 leaves the choice to the capture. */
  readonly buffers: { readonly count: number; readonly io: 'auto' | 'mmap' | 'userptr' };
  /** V4L2 only: set when the camera is opened, each time. */
  readonly controls: ControlSettings;
  /** V4L2 only: no frame for so long, and for three frames' time, is a hung camera. 0: 2 s. */
  readonly stallMs: number;
  /** backend v4l2 only: `auto` tries what hardware there is. */
  readonly jpegDecoder: 'auto' | 'libturbojpeg';
  /** backend v4l2 only: the node of the camera's H.264, `off`, or `auto`: a second node of the device. */
  readonly h264: string;
  readonly ring: RingPlace;
}

/** A ring made from a camera's by conversion. */
export interface RingConfig extends RingPlace {
  readonly camera: string;
  readonly picture: PictureConfig;
  readonly format: PixelFormat;
}

/** An encoded stream. A stream of raw pictures is a ring: it is found among those. */
export interface StreamConfig {
  readonly name: string;
  readonly camera: string;
  readonly picture: PictureConfig;
  readonly codec: CodecConfig;
  /** Leases of the ring that its raw pictures come through, the encoder's own included. */
  readonly slots: RingPlace['slots'];
  /** What it may do without where the machine is too slow: nothing; quality, then rate; and size. */
  readonly adapt: 'off' | 'rate' | 'size';
  /** It is encoded while nobody watches, so that the first viewer need not wait. */
  readonly warm: boolean;
  /** A port of its own beside the common one; mjpeg only. */
  readonly port: number | undefined;
}

/** How a stream is encoded. */
export type CodecConfig = MjpegConfig | H264Config;

/** JPEG pictures. */
export interface MjpegConfig {
  readonly kind: 'mjpeg';
  /** 1..100, as libjpeg counts. */
  readonly quality: number;
  readonly encoder: 'sharp' | 'turbo';
  /** The camera's own JPEG is taken where it is of the stream's size, and the picture is not changed. */
  readonly passThrough: boolean;
}

/** H.264 by an ffmpeg child, or the camera's own. */
export interface H264Config {
  readonly kind: 'h264';
  readonly bitrateKbps: number;
  readonly keyIntervalMs: number;
  readonly latency: LatencyMode;
  /** Of libx264; the others have none. */
  readonly preset: X264Preset;
  /** ffmpeg's name of it, or `auto`. */
  readonly encoder: string;
  /**
   * With `encoder: auto`, the camera's own H.264 is taken where it is of the stream's size and rate, and the
   * picture is not changed.
   */
  readonly passThrough: boolean;
  readonly viewerQueue: ViewerQueueConfig;
}

/** A viewer that is further behind than this loses pictures up to the next key frame. */
export interface ViewerQueueConfig {
  readonly ms: number;
  readonly bytes: number;
}

/** Name, memory and access of a ring. */
export interface RingPlace {
  readonly name: string;
  /** Leases promised: that many readers may hold that many frames each. */
  readonly slots: { readonly readers: number; readonly hold: number };
  readonly leaseTimeoutMs: number;
  /** Group that may read; '' is the group of the service's kind of ring folder. */
  readonly group: string;
}

/** A picture derived from a camera's. 0 keeps the camera's own size or rate. */
export interface PictureConfig {
  readonly width: number;
  readonly height: number;
  readonly rate: number;
  readonly fit: 'contain' | 'cover' | 'stretch';
  readonly crop: Rectangle | undefined;
  readonly mirror: boolean;
  readonly rotate: 0 | 90 | 180 | 270;
}

/** Pixels, from the upper left corner of the camera's picture. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the service listens. `host` may be `localhost`: both loopback addresses. */
export interface ServerConfig {
  readonly host: string;
  readonly httpPort: number;
  readonly rtsp: RtspConfig;
  /** Connections a port takes at once. */
  readonly maxConnections: number;
  /** The one user who may watch; undefined lets everybody. Never logged. */
  readonly auth: { readonly user: string; readonly password: string } | undefined;
  readonly load: LoadConfig;
}

/** When encoders that cannot keep up do less. */
export interface LoadConfig {
  readonly enabled: boolean;
  /** A stream whose pictures are late for longer than this steps down. */
  readonly afterMs: number;
  /** One that was not late for so long steps up again. */
  readonly calmMs: number;
}

/** RTSP's ports; 0 is any free one. */
export interface RtspConfig {
  readonly port: number;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** Undefined: nothing is sent to groups. */
  readonly multicast: MulticastConfig | undefined;
}

/** Groups that streams are sent to. */
export interface MulticastConfig {
  /** The first stream's group is the next address, and so on. */
  readonly base: string;
  /** Of RTP, in every group; RTCP's is the next. */
  readonly port: number;
  /** Routers that packets may pass, and one. */
  readonly ttl: number;
}

/** What is logged and how. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
}

/** Levels by audience: developers, the operator, what we recovered from, what the operator must act on. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
/** One of `logLevels`. */
export type LogLevel = (typeof logLevels)[number];
