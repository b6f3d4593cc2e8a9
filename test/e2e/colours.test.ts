import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@camstream/consumer';
import t from 'tap';
import {
  barColours,
  barsApart,
  barsFrom,
  barsOfJpeg,
  barsOfPixels,
  writeBarFilm,
} from '../support/colour-bars.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { colourAt, type Rgb } from '../support/pixel-colour.js';
import { Service } from '../support/service.js';

// One film of colour bars, looked at wherever it comes out. What a camera's own JPEG makes of it is in
// test/camera/jpeg.test.ts.

/** Levels of 255 that two ways to the same picture may be apart. */
const tolerance = 4;

const codings = [
  { matrix: 'bt601', range: 'limited' },
  { matrix: 'bt709', range: 'full' },
  { matrix: 'bt709', range: 'limited' },
  { matrix: 'bt601', range: 'full' },
] as const;

for (const coding of process.env.CAMSTREAM_LONG ? codings : codings.slice(0, 2)) {
  t.test(
    `bars of ${coding.matrix}, ${coding.range}: the same in rings, by RTSP and HTTP, of sharp and turbo`,
    { timeout: 90_000 },
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'camstream-test-'));
      t.teardown(() => rmSync(folder, { recursive: true, force: true }));
      const film = join(folder, 'bars.mp4');
      writeBarFilm(film, coding);
      const service = await Service.start(t, { config: config(film) });
      process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
      const looks: Record<string, Promise<readonly Rgb[]>> = {
        'ring camera': ringBars('camera'),
        'ring analysis': ringBars('analysis'),
        'H.264 by RTSP': rtspBars(service.rtspUrl('high')),
        'JPEG of sharp by HTTP': httpBars(service.urls('sharp')[0]),
        'JPEG of turbo by HTTP': httpBars(service.urls('turbo')[0]),
        'JPEG of sharp by RTSP': rtspBars(service.rtspUrl('sharp')),
        'JPEG of turbo by RTSP': rtspBars(service.rtspUrl('turbo')),
      };
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
    },
  );
}

function config(film: string): string {
  return `
cameras: { main: { source: "file:${film}" } }
rings: { analysis: { width: 640, height: 480, format: bgr24 } }
streams:
  high: { width: 640, height: 480, rate: 15, codec: h264, encoder: libx264 }
  sharp: { encoder: sharp, quality: 90 }
  turbo: { encoder: turbo, quality: 90 }
server: { httpPort: 0, rtspPort: 0 }
`;
}

async function ringBars(name: string): Promise<Rgb[]> {
  const reader = await connect(name, { timeoutMs: 10_000 });
  try {
    const frame = await reader.read({ timeoutMs: 10_000 });
    const bars = barsFrom((x, y) => colourAt(frame, x, y));
    frame.release();
    return bars;
  } finally {
    reader.close();
  }
}

async function httpBars(url: string): Promise<Rgb[]> {
  const viewer = await MjpegViewer.open(url);
  try {
    for await (const { data } of viewer.pictures()) return await barsOfJpeg(data);
    throw new Error(`${url} has ended`);
  } finally {
    viewer.close();
  }
}

/** As ffmpeg decodes it, by what the stream itself says of matrix and range. */
async function rtspBars(url: string): Promise<Rgb[]> {
  const input = ['-v', 'error', '-fflags', 'nobuffer', '-analyzeduration', '0', '-rtsp_transport', 'tcp'];
  const output = ['-sws_flags', 'accurate_rnd+full_chroma_int', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', [...input, '-i', url, '-frames:v', '5', ...output], {
    encoding: 'buffer',
    maxBuffer: 2 ** 26,
  });
  return barsOfPixels(stdout.subarray(-3 * 640 * 480));
}
