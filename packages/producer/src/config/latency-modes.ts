/** What a stream trades: delay for evenness, and for picture quality at the same bitrate. */
export const latencyModes = ['low', 'balanced', 'smooth'] as const;
/** One of `latencyModes`. */
export type LatencyMode = (typeof latencyModes)[number];

/** What a mode comes to, on the encoder's side and on the viewers'. */
export interface LatencySettings {
  /** A viewer that is further behind than this loses pictures up to the next key frame. */
  readonly viewerQueueMs: number;
  /** The same in bytes, whichever comes first: memory that one viewer may cost. */
  readonly viewerQueueBytes: number;
  /** x264's preset, where the stream names none: what is not cheap is worth its time only with patience. */
  readonly x264Preset: 'ultrafast' | 'superfast' | 'veryfast';
  /** x264's `-tune`; '' leaves it out. There are no B-frames in any mode: one goes in, one comes out. */
  readonly x264Tune: 'zerolatency' | '';
  /** Further `-x264-params`: each frame of look-ahead is one frame time of delay. */
  readonly x264Params: string;
  /** Pictures that the encoder keeps back for it: their delay is no sign of load. */
  readonly framesKeptBack: number;
  /**
   * The encoder's rate buffer (VBV, ITU-T H.264 C) in ms of the bitrate: how long a narrow line may need
   * for the largest key frame, and so how far pictures may bunch up there.
   */
  readonly rateBufferMs: number;
}

/** The one table of the modes: docs/performance.md has what each was measured to give. */
export const latencySettings: Readonly<Record<LatencyMode, LatencySettings>> = {
  low: {
    viewerQueueMs: 500,
    viewerQueueBytes: 4 * 2 ** 20,
    x264Preset: 'ultrafast',
    x264Tune: 'zerolatency',
    x264Params: '',
    framesKeptBack: 0,
    rateBufferMs: 500,
  },
  balanced: {
    viewerQueueMs: 1500,
    viewerQueueBytes: 8 * 2 ** 20,
    x264Preset: 'superfast',
    x264Tune: 'zerolatency',
    x264Params: 'sliced-threads=0:rc-lookahead=2',
    framesKeptBack: 2,
    rateBufferMs: 1000,
  },
  smooth: {
    viewerQueueMs: 4000,
    viewerQueueBytes: 16 * 2 ** 20,
    x264Preset: 'veryfast',
    x264Tune: '',
    x264Params: 'rc-lookahead=10:sync-lookahead=0',
    framesKeptBack: 10,
    rateBufferMs: 2000,
  },
};
