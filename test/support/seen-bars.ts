import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { connect } from '@camstream/consumer';
import type { Test } from 'tap';
import { barColours, barsApart, barsFrom, barsOfJpeg, barsOfPixels } from './colour-bars.js';
import { MjpegViewer } from './mjpeg-viewer.js';
import { colourAt, type Rgb } from './pixel-colour.js';

/** Levels of 255 that two ways to the same picture may be apart. */
const tolerance = 4;

/** That the bars are those that were painted, and the same, wherever they are looked at. */
export async function checkBars(
  t: Test,
  looks: Readonly<Record<string, readonly Rgb[] | Promise<readonly Rgb[]>>>,
): Promise<void> {
  const found = await Promise.all(Object.values(looks));
  const seen = [
    ['painted', barColours] as const,
    ...Object.keys(looks).map((name, n) => [name, found[n] ?? []] as const),
  ];
  for (const [index, [name, bars]] of seen.entries()) {
    for (const [other, others] of seen.slice(index + 1)) {
      const levels = barsApart(bars, others);
      t.ok(levels <= tolerance, `${name}, ${other}: ${levels.toFixed(1)} levels apart`);
    }
  }
}

/** Of a ring's next frame. */
export async function ringBars(name: string): Promise<Rgb[]> {
  const reader = await connect(name, { timeoutMs: 30_000 });
  try {
    const frame = await reader.read({ timeoutMs: 30_000 });
    const bars = barsFrom((x, y) => colourAt(frame, x, y));
    frame.release();
    return bars;
  } finally {
    reader.close();
  }
}

/** Of the next picture of a stream of MJPEG. */
export async function httpBars(url: string): Promise<Rgb[]> {
  const viewer = await MjpegViewer.open(url);
  try {
    for await (const { data } of viewer.pictures()) return await barsOfJpeg(data);
    throw new Error(`${url} has ended`);
  } finally {
    viewer.close();
  }
}

/** As ffmpeg decodes it, by what the stream itself says of matrix and range. */
export async function rtspBars(url: string): Promise<Rgb[]> {
  const input = ['-v', 'error', '-fflags', 'nobuffer', '-analyzeduration', '0', '-rtsp_transport', 'tcp'];
  const output = ['-sws_flags', 'accurate_rnd+full_chroma_int', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', [...input, '-i', url, '-frames:v', '5', ...output], {
    encoding: 'buffer',
    maxBuffer: 2 ** 26,
  });
  return barsOfPixels(stdout.subarray(-3 * 640 * 480));
}
