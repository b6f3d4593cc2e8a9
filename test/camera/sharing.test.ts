import { spawn } from 'node:child_process';
import t from 'tap';
import { Service } from '../support/service.js';
import { RawReader, Watcher } from './attached.js';
import { setControl, vividNode } from './vivid.js';

// Services of one machine that want the same camera.
t.setTimeout(300_000); // code runs several times slower in the machine
const webcam = vividNode('vivid-000-vid-cap');
const red = 7; // of vivid's test patterns

function config(source: string): string {
  return `
cameras: { main: { source: ${source}, mode: { width: 320, height: 180, rate: 10, format: yuyv } } }
rings: {}
streams: { low: { width: 320, height: 180, rate: 5, port: 0 } }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`;
}

t.test('a second service names the first, waits, and takes the camera when the first ends', async (t) => {
  setControl(webcam, 'test_pattern', red);
  const first = await Service.start(t, { config: config(webcam) });
  const second = await Service.start(t, { config: config(webcam) });
  await second.says(new RegExp(`in use by another program.*\\(process ${first.child.pid}\\)`));
  const viewer = await Watcher.open(t, second.urls('low')[0]);
  process.env.CAMSTREAM_RING_ROOT = second.ringRoot;
  const raw = await RawReader.open(t, 'camera');
  t.ok(await viewer.notice(), 'viewers are told meanwhile');
  const undisturbed = await Watcher.open(t, first.urls('low')[0]);
  t.ok(await undisturbed.red(), 'those of the first have their pictures');
  await first.stop();
  await raw.next(5);
  t.ok(await viewer.red(), 'raw frames and pictures, by itself');
  await second.stop();
});

t.test('auto passes over a camera in use, and takes it when it is let go of', async (t) => {
  const first = await Service.start(t, { config: config(webcam) });
  // The other webcam is somebody else's: vivid's HDMI input does not give the size that is wanted.
  const lock = ['--no-fork', '--nonblock', vividNode('vivid-002-vid-cap'), 'sleep', 'infinity'];
  const other = spawn('flock', lock, { stdio: 'ignore' });
  t.teardown(() => other.kill('SIGKILL'));
  const auto = await Service.start(t, { config: config('auto') });
  await auto.says(new RegExp(`passes over ${webcam}: .*\\(process ${first.child.pid}\\)`));
  const viewer = await Watcher.open(t, auto.urls('low')[0]);
  t.ok(await viewer.picture(), 'the test picture meanwhile');
  first.kill('SIGKILL');
  await auto.says(new RegExp(`source auto takes ${webcam}`));
  t.ok(await viewer.red(), 'the camera');
});
