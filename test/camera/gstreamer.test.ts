import { spawnSync } from 'node:child_process';
import { findCamera, readControls } from '@camstream/core';
import t from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { childOf, childrenOf } from '../support/child-processes.js';
import { colourDistance } from '../support/pixel-colour.js';
import { RingObserver } from '../support/ring-observer.js';
import { until } from '../support/until.js';
import { noisyJpegs, PlayedCamera } from './played-camera.js';
import { barPlaces, distanceFromBars, plugIn, setControl, unplug, vividNode } from './vivid.js';

const tolerance = 6; // levels: rounding, twice
const webcam = vividNode('vivid-000-vid-cap');
const size = { width: 640, height: 480 };
t.setTimeout(300_000); // code runs several times slower in the machine
const rig = new CaptureRig(t);
const observer = new RingObserver(t);

if (spawnSync('gst-inspect-1.0', ['v4l2src']).status !== 0) {
  t.plan(0, 'no GStreamer here: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good');
  process.exit();
}

for (const format of ['yuyv', 'nv12'] as const) {
  t.test(`backend gstreamer: 640x480 ${format} from a webcam, seen by another process`, async (t) => {
    setControl(webcam, 'timestamp_source', 1);
    const camera = await rig.capture('webcam', { kind: 'gst', path: webcam, ...size, format });
    const { info, frames, colours } = await observer.observe({
      ring: 'webcam',
      frames: 20,
      places: barPlaces,
    });
    t.match(info, { ...size, format });
    const distance = distanceFromBars(colours);
    t.ok(distance <= tolerance, `colour bars, at most ${distance.toFixed(1)} levels off`);
    const taken = frames.filter(({ flags }) => !flags.estimatedTime);
    t.ok(taken.length > frames.length / 2, `${taken.length} of ${frames.length} have a time of their own`);
    t.ok(frames.every(({ capturedAtNs, publishedAtNs }) => capturedAtNs <= publishedAtNs));
    await camera.native.close();
    t.same(childrenOf(process.pid, 'camstream-gst'), []);
  });
}

t.test('a camera is free for others when its pipeline was killed, and when it was closed', async (t) => {
  const camera = await rig.capture('webcam', { kind: 'gst', path: webcam, ...size });
  await camera.published(3);
  const child = childOf(process.pid, 'camstream-gst');
  process.kill(child, 'SIGKILL');
  t.match(await camera.event('failed'), { code: 'GST_FAILED' });
  await camera.event('recovered');
  await t.rejects(rig.capture('second', { kind: 'gst', path: webcam, ...size }), {
    code: 'DEVICE_BUSY',
    message: /camstream-gst \(process \d+\)/,
  });
  await camera.native.close();
  const own = await rig.capture('own', { kind: 'v4l2', path: webcam, ...size });
  await own.published(3);
  await own.native.close();
});

t.test('backend gstreamer: a stable id, the mode that is needed, controls', async (t) => {
  const id = (await findCamera(webcam))?.id;
  const needs = { width: 320, height: 180, rate: 30 };
  const controls = { brightness: 99 };
  const camera = await rig.capture('webcam', { kind: 'gst', path: `id:${id}`, needs, controls });
  await camera.published(3);
  const { description } = camera.native.status();
  t.match(description, new RegExp(`v4l2src device="${webcam}".*, 320x180 yuyv 60/s`));
  const brightness = (await readControls(webcam)).find(({ name }) => name === 'brightness');
  t.equal(brightness?.value, 99);
  await camera.native.close();
  const refused = rig.capture('webcam', { kind: 'gst', path: webcam, width: 641, height: 480 });
  await t.rejects(refused, { code: 'DEVICE_FORMAT', message: /Possible/ });
  setControl(webcam, 'brightness', 128);
});

t.test('backend gstreamer: a camera that gives JPEG', async (t) => {
  const path = '/dev/video22'; // once v4l2src has read one, it is not to be set up anew for others
  new PlayedCamera(t, path, 320, 240).play(noisyJpegs('green', '320x240', 6), 10);
  const camera = await until('the camera', async () =>
    rig.capture('jpeg', { kind: 'gst', path }).catch(() => undefined),
  );
  const { colours } = await observer.observe({ ring: 'jpeg', frames: 5, places: [[0.5, 0.5]] });
  const distance = Math.max(...colours.map((colour) => colourDistance(colour, [0, 128, 0])));
  t.ok(distance < 60, `green, at most ${distance.toFixed(0)} levels off`);
  await camera.native.close();
});

t.test('a camera that is unplugged comes back through its pipeline too', async (t) => {
  const camera = await rig.capture('webcam', { kind: 'gst', path: webcam, ...size });
  await camera.published(3);
  unplug('vivid.0');
  t.match(await camera.event('failed'), { code: /^(GST_FAILED|CAMERA_STALLED)$/ });
  await until('it is waited for', () =>
    camera.events.some((event) => event.kind === 'failed' && event.code === 'DEVICE_NOT_FOUND'),
  );
  await plugIn('vivid.0', webcam);
  await camera.event('recovered');
  const before = camera.native.status().published;
  await until('frames', () => camera.native.status().published > before + 5);
  t.equal(camera.native.status().state, 'live');
  await camera.native.close();
});
