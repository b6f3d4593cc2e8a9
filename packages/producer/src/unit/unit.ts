/** One encoded picture, shared by all viewers: never written to once it is made. */
export interface Unit {
  readonly data: Buffer;
  readonly sequence: number;
  /** CLOCK_MONOTONIC, as process.hrtime.bigint() counts. */
  readonly capturedAtNs: bigint;
  readonly width: number;
  readonly height: number;
}
