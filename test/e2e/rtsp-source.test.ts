import { spawnSync } from 'node:child_process';
import { connect, type RingReader } from '@camstream/consumer';
import t from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

if (spawnSync('gst-inspect-1.0', ['rtspsrc']).status !== 0) {
  t.plan(0, 'no rtspsrc here: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good');
  process.exit();
}

// A camera on the network: another service of ours, at the RTSP port that the kernel gives it at first.
const rig = new CaptureRig(t);
const config = (port: number) => `
cameras: { main: { source: test, mode: { width: 320, height: 240, rate: 30 } } }
rings: {}
streams:
  low: { port: 0, width: 320, height: 240 }
  high: { codec: h264, width: 320, height: 240, encoder: libx264, keyIntervalMs: 500 }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: ${port} }
`;

t.test('an RTSP camera is a source, of H.264 and of JPEG; it may go, and come back', async (t) => {
  const first = await Service.start(t, { config: config(0) });
  const port = Number(new URL(first.rtspUrl('high')).port);
  const pipeline = `rtspsrc location=${first.rtspUrl('high')} latency=100 ! decodebin`;
  const camera = await rig.capture('camera', { kind: 'gst', pipeline });
  t.match(camera.native.info(), { width: 320, height: 240 });
  const reader = await connect('camera', { timeoutMs: 20_000 });
  t.teardown(() => reader.close());
  const frames = watch(reader);
  await until('frames', () => frames.count > 10);
  t.ok(frames.inOrder, 'capture times go on');

  const jpeg = await rig.capture('jpeg', {
    kind: 'gst',
    pipeline: `rtspsrc location=${first.rtspUrl('low')} latency=100 ! rtpjpegdepay ! jpegdec`,
  });
  await jpeg.published(5);
  await jpeg.native.close();

  first.kill('SIGKILL');
  await camera.event('failed');
  await camera.event('stalled');
  await Service.start(t, { config: config(port) });
  await camera.event('recovered');
  const before = frames.count;
  await until('frames again', () => frames.count > before + 10);
  t.ok(frames.inOrder, 'the same reader goes on');
  await camera.native.close();
});

/** Reads frame by frame, and looks whether each is captured after the one before. */
function watch(reader: RingReader): { readonly count: number; readonly inOrder: boolean } {
  const seen = { count: 0, inOrder: true };
  let last = 0n;
  const read = async () => {
    for await (const frame of reader.frames()) {
      seen.inOrder &&= frame.capturedAtNs > last;
      last = frame.capturedAtNs;
      ++seen.count;
    }
  };
  void read();
  return seen;
}
