/** What makes one stream's units of a ring's frames. All kinds look the same to load control and status. */
export interface Encoder {
  /** The stream's name. */
  readonly name: string;
  /** What is at work: 'libx264', 'h264_vaapi', 'sharp', 'turbo', 'pass-through'; may change. */
  readonly kind: string;
  /** What it can do, from what is configured (0) down to the cheapest. */
  readonly steps: readonly EncoderSettings[];
  /** Index into `steps` that is in force. */
  readonly step: number;
  /** While nobody watches, an encoder is paused, and wants no frames; with `warm` it goes on. */
  setActive(active: boolean): void;
  /** Takes `steps[step]`; viewers notice at most a key frame. */
  setStep(step: number): void;
  load(): EncoderLoad;
  /** Why it makes no units although it should; undefined: it does, or has no reason to. */
  readonly problem: EncoderProblem | undefined;
  /** It stands in for a better one that failed; undefined: it does not. */
  readonly fallBack?: EncoderFallBack | undefined;
  close(): Promise<void>;
}

/** An error that keeps an encoder from its work (docs/errors.md). */
export interface EncoderProblem {
  readonly code: string;
  readonly message: string;
}

/** For whom an encoder stands in. */
export interface EncoderFallBack {
  readonly from: string;
  /** What `from` failed of last. */
  readonly problem: EncoderProblem;
  /** Until it is tried again beside the one at work. */
  readonly retryInMs: number;
}

/** One rung of the ladder that load control walks. */
export interface EncoderSettings {
  /** For people: "preset superfast", "quality 60", "15/s". */
  readonly text: string;
  /** Frames a second that are encoded. */
  readonly rate: number;
  /** JPEG quality 1..100. */
  readonly quality?: number;
  /** x264's preset. */
  readonly preset?: string;
}

/** How an encoder keeps up. Counters never go back. */
export interface EncoderLoad {
  /** Capture to finished unit of the last pictures, their 90th percentile in ms; 0: none yet. */
  readonly latenessMs: number;
  /** Pictures that went in, units that came out, pictures left out because the encoder was busy. */
  readonly framesIn: number;
  readonly unitsOut: number;
  readonly framesDropped: number;
  /** Encoders that had to be replaced. */
  readonly restarts: number;
}
