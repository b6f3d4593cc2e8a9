import type { NativeCapture, NativeConversion, NativeTrack } from '@camstream/core';
import type { Source } from '../config/source.js';
import type { Encoder } from '../encode/encoder.js';
import type { ProbeResult } from '../encode/hardware.js';
import type { LoadReport } from '../feed/ladder.js';
import type { LoopState } from '../feed/loop-events.js';
import type { Stream } from '../stream/stream.js';
import type { Unit } from '../unit/unit.js';

/** A camera as status and metrics look at it; counters are read when somebody asks, never per frame. */
export interface ObservedCamera {
  readonly name: string;
  readonly source: Source;
  readonly state: LoopState;
  readonly capture: Pick<NativeCapture, 'status' | 'info'>;
  tracks(): readonly NativeTrack[];
}

/** A derived ring. */
export interface ObservedConversion {
  readonly name: string;
  readonly state: LoopState;
  readonly conversion: Pick<NativeConversion, 'status' | 'info'>;
}

/** An encoded stream. */
export interface ObservedStream {
  readonly stream: Pick<Stream<Unit>, 'name' | 'published' | 'newest' | 'audience'>;
  readonly config: { readonly camera: string; readonly codec: { readonly kind: 'mjpeg' | 'h264' } };
  readonly encoder: Pick<Encoder, 'kind' | 'steps' | 'step' | 'load' | 'problem' | 'fallBack'>;
}

/** The running service. */
export interface Observed {
  readonly version: string;
  readonly cameras: readonly ObservedCamera[];
  readonly conversions: readonly ObservedConversion[];
  readonly streams: readonly ObservedStream[];
  /** What came of trying this machine's H.264 encoders, the best first; those not tried yet are left out. */
  readonly h264Encoders: () => readonly ProbeResult[];
  /** What load control has done to a stream's encoder; undefined: it has none. */
  readonly loadOf: (stream: string) => LoadReport | undefined;
  /** Requests with a wrong password so far. */
  readonly refusedPasswords: () => number;
}
