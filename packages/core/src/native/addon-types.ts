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
  | { readonly kind: 'revoked'; readonly count: number };

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
    readonly framesDropped: number;
    readonly io: string;
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
  monotonicNs(): bigint;
}
