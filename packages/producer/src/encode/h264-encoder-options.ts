import type { CameraAddon, Log, NativeCapture, NativeConversion } from '@camstream/core';
import type { H264Unit } from '../unit/unit.js';
import type { BackOffTimes } from './back-off.js';
import type { H264Settings } from './ffmpeg-arguments.js';
import type { Hardware } from './hardware.js';

/** What one stream's H.264 is made from and where it goes. */
export interface H264EncoderOptions {
  readonly name: string;
  readonly addon: Pick<CameraAddon, 'startFeeder'>;
  /** Whose ring has the pictures: i420 or nv12, with a local lease for each of two encoders. */
  readonly from: NativeConversion | NativeCapture;
  readonly settings: H264Settings;
  /** `auto`, or one of h264Encoders. */
  readonly encoder: string;
  /** Frames a second; 0: the ring's. */
  readonly rate: number;
  /** What load control may do without, beyond presets. */
  readonly adapt: 'off' | 'rate' | 'size';
  readonly hardware: Hardware;
  /** When a better encoder that failed is tried again; FallBack.times unless said. */
  readonly retry?: BackOffTimes;
  /** Told when it begins and when it ends to need frames. */
  readonly wantFrames?: (want: boolean) => void;
  readonly publish: (unit: H264Unit) => void;
  readonly log: Log;
}
