// What addon-types.ts says of the addons, for rings: the addon `ring`, and what our own rings are made with.

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

/** What changes while a ring lives. Ages in nanoseconds; -1: nothing published yet. */
export interface NativeRingLive {
  /** 0 starting, 1 live, 2 stalled, 3 closed, 4 paused. */
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
