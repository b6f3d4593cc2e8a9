import type { NativeRingInfo } from '../native/ring-types.js';
import type { PlaneGeometry } from './frame-geometry.js';
import { type RingFormat, ringFormatOf } from './pixel-format.js';

/** What a frame's flags say; bits as in native/src/ring/layout.h. */
export interface FrameFlags {
  /** The driver or a decoder complained about the picture. */
  readonly corrupt: boolean;
  /** The source was restarted before this frame. */
  readonly discontinuity: boolean;
  /** `capturedAtNs` is when the frame was fetched, for want of a usable time from the driver. */
  readonly estimatedTime: boolean;
}

/** The flags of a frame by name. */
export function frameFlags(bits: number): FrameFlags {
  return { corrupt: (bits & 1) !== 0, discontinuity: (bits & 2) !== 0, estimatedTime: (bits & 4) !== 0 };
}

/** How colours are meant; names as in ISO/IEC 23091-2. */
export interface ColourInfo {
  readonly matrix: 'rgb' | 'bt709' | 'bt601' | 'bt2020' | 'unspecified';
  readonly primaries: 'bt709' | 'bt470bg' | 'smpte170m' | 'bt2020' | 'unspecified';
  readonly range: 'limited' | 'full' | 'unspecified';
}

/** A ring's fixed properties: they hold for every frame until the producer is restarted. */
export interface RingInfo {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly format: RingFormat;
  /** None has rows where each frame has a length of its own (`mjpeg`, `h264`). */
  readonly planes: readonly PlaneGeometry[];
  /** Random, new at each start of the producer: 32 hexadecimal digits. */
  readonly ringId: string;
  /** Nominal frames a second; 0 if unknown. */
  readonly rate: number;
  readonly colour: ColourInfo;
  readonly slotCount: number;
  /** Leases a reader may hold at once, and all readers together. */
  readonly leaseQuota: number;
  readonly leaseSlots: number;
  readonly fileSize: number;
  readonly producerPid: number;
}

/** A ring's header in the words of the SDK. */
export function ringInfoOf(native: NativeRingInfo): RingInfo {
  return {
    name: native.name,
    ringId: native.ringId,
    width: native.width,
    height: native.height,
    format: ringFormatOf(native.fourcc),
    planes: native.planes,
    rate: native.rateDenominator > 0 ? native.rateNumerator / native.rateDenominator : 0,
    colour: {
      matrix: matrices.get(native.matrix) ?? 'unspecified',
      primaries: primaries.get(native.primaries) ?? 'unspecified',
      range: ranges.get(native.range) ?? 'unspecified',
    },
    slotCount: native.slotCount,
    leaseQuota: native.leaseQuota,
    leaseSlots: native.leaseSlots,
    fileSize: native.fileSize,
    producerPid: native.producerPid,
  };
}

const matrices = new Map<number, ColourInfo['matrix']>([
  [0, 'rgb'],
  [1, 'bt709'],
  [6, 'bt601'],
  [9, 'bt2020'],
]);
const primaries = new Map<number, ColourInfo['primaries']>([
  [1, 'bt709'],
  [5, 'bt470bg'],
  [6, 'smpte170m'],
  [9, 'bt2020'],
]);
const ranges = new Map<number, ColourInfo['range']>([
  [1, 'limited'],
  [2, 'full'],
]);
