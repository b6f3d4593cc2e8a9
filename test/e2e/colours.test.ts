import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { writeBarFilm } from '../support/colour-bars.js';
import { checkBars, httpBars, ringBars, rtspBars } from '../support/seen-bars.js';
import { Service } from '../support/service.js';

// One film of colour bars, looked at wherever it comes out. What becomes of those that a camera has encoded
// itself is in test/camera/own-pictures.test.ts.

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
      await checkBars(t, {
        'ring camera': ringBars('camera'),
        'ring analysis': ringBars('analysis'),
        'H.264 by RTSP': rtspBars(service.rtspUrl('high')),
        'JPEG of sharp by HTTP': httpBars(service.urls('sharp')[0]),
        'JPEG of turbo by HTTP': httpBars(service.urls('turbo')[0]),
        'JPEG of sharp by RTSP': rtspBars(service.rtspUrl('sharp')),
        'JPEG of turbo by RTSP': rtspBars(service.rtspUrl('turbo')),
      });
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
