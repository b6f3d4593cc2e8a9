/**
 * What the two addons offer. The same names on both sides; policy is TypeScript, bytes and threads
 * are C++. An error thrown by an addon has `code` (docs/errors.md) and a message for people.
 */

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

export interface NativeSourceOptions {
  readonly kind: 'test' | 'file' | 'v4l2';
  /** Device or file. */
  readonly path?: string;
  /** Wanted; 0 or '' leaves the choice to the source. */
  readonly width: number;
  readonly height: number;
  readonly rate: number;
  readonly format: string;
  /** V4L2 only. */
  readonly io?: 'auto' | 'mmap' | 'userptr';
  readonly buffers?: number;
  /** V4L2 only: the device's input, where it has several; otherwise the one that is selected. */
  readonly input?: number;
  /** file only: the ffmpeg program to run. */
  readonly ffmpeg?: string;
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
}

/** A conversion thread: reads `from`'s ring in this process, fills a ring of its own. */
export interface NativeConversion {
  /** A paused conversion costs nothing; its ring keeps its last frame. */
  setActive(active: boolean): void;
  close(): Promise<void>;
  status(): NativeRingStatus & { readonly converted: number; readonly skipped: number; readonly convertNsTotal: number };
  info(): NativeRingInfo;
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

export interface CameraAddon {
  /** Opens the source once, synchronously enough to report what is wrong with it by rejecting. */
  startCapture(
    source: NativeSourceOptions,
    ring: NativeRingOptions,
    onEvent: (event: NativeEvent) => void,
  ): Promise<NativeCapture>;
  startConversion(
    from: NativeCapture,
    conversion: NativeConversionOptions,
    ring: NativeRingOptions,
    onEvent: (event: NativeEvent) => void,
  ): Promise<NativeConversion>;
  createRing(
    ring: NativeRingOptions,
    layout: { format: string; width: number; height: number; rate: number; matrix?: number; range?: number },
  ): NativeRingWriter;
  /** The capture time and sequence painted into a test picture, or undefined if there is none. */
  readBlockCode(
    data: Uint8Array,
    layout: { format: string; width: number; height: number },
  ): { sequence: number; capturedAtNs: bigint } | undefined;
  /** The sequence (its low bits) that every row of a test picture carries; undefined if rows disagree: torn. */
  checkRows(data: Uint8Array, layout: { format: string; width: number; height: number }): number | undefined;
  monotonicNs(): bigint;
}
