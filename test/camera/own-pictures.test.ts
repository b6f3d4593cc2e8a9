import { askStatus } from '@camstream/producer';
import t from 'tap';
import { barJpeg, barUnits } from '../support/colour-bars.js';
import { checkBars, httpBars, ringBars, rtspBars } from '../support/seen-bars.js';
import { Service } from '../support/service.js';
import { SteadyViewer } from '../support/steady-viewer.js';
import { until } from '../support/until.js';
import { PlayedCamera } from './played-camera.js';

// What a camera has encoded itself, on its way to viewers, beside what is decoded and encoded anew.
t.setTimeout(300_000); // code runs several times slower in the machine

t.test('own JPEG and own H.264 are passed through, in the colours of everything else', async (t) => {
  const [jpeg, units] = [barJpeg(), barUnits()];
  const rate = 5;
  const cameras = { '/dev/video23': 'MJPG', '/dev/video24': 'H264' };
  for (const [path, fourcc] of Object.entries(cameras)) {
    const camera = new PlayedCamera(t, path, 640, 480, fourcc);
    camera.play(fourcc === 'H264' ? units : [jpeg], rate);
    await until(path, () => camera.count > 2);
  }
  const service = await Service.start(t, {
    config: `
cameras: { main: { source: /dev/video23, h264: /dev/video24 } }
rings: {}
streams:
  low: { width: 640, height: 480 }
  sharp: { width: 640, height: 480, encoder: sharp, quality: 90, passThrough: false }
  turbo: { width: 640, height: 480, encoder: turbo, quality: 90, passThrough: false }
  high: { width: 640, height: 480, codec: h264 }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`,
  });
  process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
  const pictures = await SteadyViewer.http(t, service.urls('low')[0]);
  const film = await SteadyViewer.rtsp(t, service.rtspUrl('high'), 'tcp');
  // One after the other: the machine is slow.
  await checkBars(t, {
    'ring camera': await ringBars('camera'),
    'own JPEG by HTTP': await httpBars(service.urls('low')[0]),
    'own JPEG by RTSP': await rtspBars(service.rtspUrl('low')),
    'own H.264 by RTSP': await rtspBars(service.rtspUrl('high')),
    'JPEG of sharp': await httpBars(service.urls('sharp')[0]),
    'JPEG of turbo': await httpBars(service.urls('turbo')[0]),
  });
  await until('those who watched all along', () => pictures.pictures > 10 && film.pictures > 10);
  const { streams } = await askStatus(new URL(service.url('/')), undefined);
  const kinds = Object.fromEntries(streams.map(({ name, encoder }) => [name, encoder.kind]));
  t.match(kinds, { low: 'pass-through', high: 'pass-through', sharp: 'sharp', turbo: 'turbo' });
  const encoding = service.linesWhere(({ msg }) => /goes on by (?!pass-through)/.test(String(msg)));
  t.same(encoding, [], 'nothing was encoded in between');
});
