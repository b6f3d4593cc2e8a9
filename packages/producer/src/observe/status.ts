import type { DeliveryReport, ViewerProtocol } from '../stream/delivery.js';

/** /api/status: the service at one moment. Fields are added; none changes its meaning within a version. */
export interface Status {
  readonly statusVersion: 1;
  readonly service: {
    readonly name: 'camstream';
    readonly version: string;
    readonly pid: number;
    readonly uptimeSeconds: number;
    /** Requests over HTTP with a wrong password. */
    readonly refusedPasswords: number;
  };
  readonly health: { readonly status: 'ok' | 'failing'; readonly reasons: readonly string[] };
  readonly cameras: readonly CameraStatus[];
  readonly rings: readonly RingStatus[];
  readonly streams: readonly StreamStatus[];
  /** What came of trying this machine's H.264 encoders, the best first; those not tried are left out. */
  readonly h264Encoders: readonly H264EncoderStatus[];
}

/** An H.264 encoder, tried once on a few pictures. */
export interface H264EncoderStatus {
  readonly encoder: string;
  readonly works: boolean;
  /** Why not; '' of one that works. */
  readonly reason: string;
}

/** What state a thread that makes frames is in; `reason` says why it is not live. */
export interface WorkState {
  readonly state: 'live' | 'stalled' | 'failed';
  readonly reason?: { readonly code: string; readonly message: string };
}

/** A camera. Counters begin at the start of the service and never go back. */
export interface CameraStatus extends WorkState {
  readonly name: string;
  readonly source: string;
  /** The source in its own words: device, mode. */
  readonly description: string;
  /** Its ring of raw frames. */
  readonly ring: string;
  readonly frames: {
    /** In its ring. */
    readonly captured: number;
    /** Lost by the driver or the file before they reached the ring. */
    readonly dropped: number;
    /** That came with an error flag. */
    readonly corrupt: number;
    /** Whose capture time is when they were fetched. */
    readonly timesEstimated: number;
  };
  readonly io: 'none' | 'mmap' | 'userptr';
  /** Of its compressed pictures: `camera-jpeg`. */
  readonly tracks: readonly string[];
}

/** A ring. */
export interface RingStatus {
  readonly name: string;
  /** undefined while it is being made anew. */
  readonly picture: { readonly width: number; readonly height: number; readonly format: string } | undefined;
  /** Nominal frames a second; 0: unknown. */
  readonly rate: number;
  readonly slots: number;
  readonly bytes: number;
  readonly published: number;
  /** Processes and threads that read it as members. */
  readonly readers: number;
  /** Frames held by readers now. */
  readonly leases: number;
  /** Frames taken away from readers that hung. */
  readonly revoked: number;
  /** Of a ring that is made from another. */
  readonly conversion?: ConversionStatus;
}

/** The thread that fills a derived ring. */
export interface ConversionStatus extends WorkState {
  readonly converted: number;
  /** Frames that the rate does not want. */
  readonly skipped: number;
  /** Frames that were wanted and overtaken by a newer one. */
  readonly missed: number;
  readonly cpuSeconds: number;
}

/** An encoded stream. */
export interface StreamStatus {
  readonly name: string;
  readonly camera: string;
  readonly codec: 'mjpeg' | 'h264';
  /** Of the newest picture; undefined while nobody watches. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly units: number;
  readonly encoder: EncoderStatus;
  readonly viewers: readonly DeliveryReport[];
  /** By protocol, those who have left included. */
  readonly delivered: Readonly<Partial<Record<ViewerProtocol, DeliveredTotals>>>;
}

/** What all viewers of one protocol were given. */
export interface DeliveredTotals {
  /** Who are there now. */
  readonly viewers: number;
  readonly sent: number;
  readonly dropped: number;
  readonly bytes: number;
}

/** A stream's encoder. */
export interface EncoderStatus {
  readonly kind: string;
  /** Index into `steps`; 0 is what is configured. */
  readonly step: number;
  readonly steps: readonly string[];
  /** Steps that load control has taken. */
  readonly steppedDown: number;
  readonly steppedUp: number;
  /** Capture to finished unit, 90th percentile of the last pictures; 0: none yet. */
  readonly latenessMs: number;
  readonly framesIn: number;
  readonly unitsOut: number;
  readonly framesDropped: number;
  readonly restarts: number;
  /** Why it makes no units although it should. */
  readonly problem?: { readonly code: string; readonly message: string };
  /** It stands in for a better encoder that failed: which, why, and when that is tried again. */
  readonly fallBack?: {
    readonly from: string;
    readonly code: string;
    readonly message: string;
    readonly retryInSeconds: number;
  };
}
