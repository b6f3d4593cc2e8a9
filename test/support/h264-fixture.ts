import { execFileSync } from 'node:child_process';
import type { H264Parameters, H264Unit } from '@camstream/producer';

/** What to encode. */
export interface FixtureOptions {
  readonly width?: number;
  readonly height?: number;
  readonly pictures?: number;
  /** Pictures from one key frame to the next. */
  readonly group?: number;
  readonly bitrateKbps?: number;
  /** Between two others. */
  readonly bFrames?: number;
}

/** A moving test picture as access units of x264, parameter sets repeated; times count from 0 at 30/s. */
export function encodeFixture(options: FixtureOptions = {}): H264Unit[] {
  const { width = 640, height = 360, pictures = 60, group = 30, bitrateKbps = 2000 } = options;
  const { bFrames = 0 } = options;
  const stream = execFileSync(
    'ffmpeg',
    [
      ...['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=30`],
      ...['-frames:v', String(pictures), '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-tune', 'zerolatency', '-g', String(group), '-b:v', `${bitrateKbps}k`, '-bf', String(bFrames)],
      ...['-x264-params', 'repeat-headers=1:scenecut=0', '-f', 'h264', '-'],
    ],
    { maxBuffer: 2 ** 28 },
  );
  let parameters: H264Parameters | undefined;
  return accessUnits(nalsOf(stream)).map((nals, sequence) => {
    const [sps, pps] = [7, 8].map((type) => nals.find((nal) => typeOf(nal) === type));
    if (sps !== undefined && pps !== undefined) parameters ??= { sps, pps };
    if (parameters === undefined) throw new Error('the first unit has no parameter sets');
    return {
      codec: 'h264',
      sequence,
      capturedAtNs: BigInt(Math.round((sequence * 1e9) / 30)),
      width,
      height,
      nals,
      keyFrame: nals.some((nal) => typeOf(nal) === 5),
      parameters,
    };
  });
}

function typeOf(nal: Buffer): number {
  return (nal[0] ?? 0) & 0x1f;
}

/** NAL units of a byte stream (ITU-T H.264 Annex B). */
function nalsOf(stream: Buffer): Buffer[] {
  const startCode = Buffer.of(0, 0, 1);
  const nals: Buffer[] = [];
  for (let at = stream.indexOf(startCode); at >= 0; ) {
    const next = stream.indexOf(startCode, at + 3);
    let end = next < 0 ? stream.length : next;
    while (stream[end - 1] === 0) --end;
    nals.push(stream.subarray(at + 3, end));
    at = next;
  }
  return nals;
}

/** A new one begins with what comes before a slice, or with a slice of the first macroblock. */
function accessUnits(nals: readonly Buffer[]): Buffer[][] {
  const units: Buffer[][] = [];
  let hasSlice: boolean = true;
  for (const nal of nals) {
    const isSlice = typeOf(nal) === 1 || typeOf(nal) === 5;
    // first_mb_in_slice is 0: the first bit behind the head is set.
    const begins: boolean = hasSlice && (!isSlice || ((nal[1] ?? 0) & 0x80) !== 0);
    if (begins) units.push([]);
    units.at(-1)?.push(nal);
    hasSlice = isSlice || (hasSlice && !begins);
  }
  return units;
}
