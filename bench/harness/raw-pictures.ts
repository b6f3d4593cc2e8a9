/** Pictures of the test camera in a size of choice, raw, in the formats that JPEG encoders take. */

import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { connect } from '@camstream/consumer';
import { loadCameraAddon } from '@camstream/core';

/** The same pictures three times, one after another in each file. */
export interface RawPictures {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** R,G,B: what all are compared with. */
  readonly rgb: string;
  /** I420, BT.601, limited range: what a camera gives. */
  readonly limited: string;
  /** I420, BT.601, full range: what JPEG holds. */
  readonly full: string;
}

/** Makes them in `folder`. `noise`: as a camera's sensor has, of this strength (ffmpeg's filter). */
export async function makePictures(
  folder: string,
  { width, height, count, noise }: { width: number; height: number; count: number; noise: number },
): Promise<RawPictures> {
  mkdirSync(`${folder}/rings`, { recursive: true });
  const file = (name: string): string => `${folder}/${width}x${height}-${noise}.${name}`;
  await capture(file('clean'), { width, height, rate: 60, format: 'rgb24' }, count, `${folder}/rings`);
  const shape = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', '60'];
  const convert = (from: string, filter: string, format: string, to: string): void => {
    const output = ['-vf', filter, '-f', 'rawvideo', '-pix_fmt', format, '-y', to];
    execFileSync('ffmpeg', ['-v', 'error', ...shape, '-i', from, ...output]);
  };
  convert(file('clean'), noise > 0 ? `noise=alls=${noise}:allf=t` : 'null', 'rgb24', file('rgb'));
  const scale = 'scale=out_color_matrix=bt601:flags=accurate_rnd+full_chroma_int';
  convert(file('rgb'), `${scale}:out_range=limited`, 'yuv420p', file('limited'));
  convert(file('rgb'), `${scale}:out_range=full`, 'yuvj420p', file('full'));
  return { width, height, count, rgb: file('rgb'), limited: file('limited'), full: file('full') };
}

/** Writes `count` pictures of the test camera that follow one another to `file`; uses `root` for a ring. */
export async function capture(
  file: string,
  shape: { width: number; height: number; rate: number; format: string },
  count: number,
  root: string,
): Promise<void> {
  const slots = { readers: 2, hold: 2, localLeases: 0, leaseTimeoutMs: 5000, group: '', systemModes: false };
  const source = await loadCameraAddon().startCapture(
    { kind: 'test', ...shape },
    { root, name: 'pictures', ...slots },
    (event) => {
      if (event.kind === 'failed') throw new Error(`${event.code}: ${event.message}`);
    },
  );
  const before = process.env.CAMSTREAM_RING_ROOT;
  process.env.CAMSTREAM_RING_ROOT = root;
  const to = openSync(file, 'w');
  try {
    const camera = await connect('pictures', { timeoutMs: 10_000 });
    let written = 0;
    for await (const frame of camera.frames('every')) {
      writeSync(to, frame.copy());
      if (++written === count) break;
    }
    camera.close();
  } finally {
    closeSync(to);
    if (before === undefined) delete process.env.CAMSTREAM_RING_ROOT;
    else process.env.CAMSTREAM_RING_ROOT = before;
    await source.close();
  }
}
