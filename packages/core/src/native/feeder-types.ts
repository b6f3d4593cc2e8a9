// What addon-types.ts says of the addons, for the feeder of an encoder.

/** What a feeder tells: that its first frame is there, and that it feeds no more. Nothing follows `over`. */
export type NativeFeedEvent =
  | ({ readonly kind: 'began' } & NativeFeedStart)
  | { readonly kind: 'over'; readonly code: string; readonly message: string };

/** The pictures of a feed, which stay so, and its clock. */
export interface NativeFeedStart {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** H.273 code points, as in the ring's header; range: 1 limited, 2 full. */
  readonly matrix: number;
  readonly primaries: number;
  readonly range: number;
  /** Frames a second, nominally; 0: unknown. */
  readonly rate: number;
  /** Of the first frame. */
  readonly capturedAtNs: bigint;
  /** What the container's times count from: a whole multiple of `gridMs` on CLOCK_MONOTONIC. */
  readonly epochNs: bigint;
}

/** A thread that writes a ring's frames as NUT into a pipe for a child, the newest first. */
export interface NativeFeeder {
  /** Descriptor for the child's standard input; -1 after handOver(). */
  readingEnd(): number;
  /** The child has it: this process closes its own copy. */
  handOver(): void;
  /** Frames a second from now on; 0: the ring's. The child goes on. */
  setRate(rate: number): void;
  /** The frame that came out with this time of the container (ms, 31 bits); undefined: none such went in. */
  take(timeMs: number): { readonly sequence: number; readonly capturedAtNs: bigint } | undefined;
  status(): {
    readonly framesIn: number;
    /** Frames that the rate does not want. */
    readonly skipped: number;
    /** Frames that were wanted while the child was not ready to take more. */
    readonly dropped: number;
    /** In the child, and since when the oldest of them is, in ms. */
    readonly pending: number;
    readonly oldestMs: number;
    /** Frames that the child has swallowed: a later one came out before them. */
    readonly lost: number;
    /** Since when the frame is being written that is on its way now; 0: none is. */
    readonly writingMs: number;
    /** The kernel does not let the pipe hold the ring's pages (vmsplice): large frames are copied into it. */
    readonly loansRefused: boolean;
  };
  close(): Promise<void>;
}
