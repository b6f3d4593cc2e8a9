import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync } from 'node:fs';
import t, { type Test } from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { RingObserver } from '../support/ring-observer.js';
import { until } from '../support/until.js';
import { cutSignal, plugIn, sendSignal, setControl, unplug, vividNode } from './vivid.js';

const webcam = vividNode('vivid-000-vid-cap');
const hdmi = vividNode('vivid-001-vid-cap');
t.setTimeout(300_000); // code runs several times slower in the machine
const rig = new CaptureRig(t);
const observer = new RingObserver(t);

const refusals = [
  {
    what: 'no such node',
    path: '/dev/video99',
    code: 'DEVICE_NOT_FOUND',
    says: /\/dev\/video99 does not exist/,
  },
  {
    what: 'a device that is no video device',
    path: '/dev/null',
    code: 'DEVICE_NOT_CAPTURE',
    says: /no video device/,
  },
  { what: 'a file', path: '/etc/hostname', code: 'DEVICE_NOT_CAPTURE', says: /a file or folder/ },
  {
    what: 'an output',
    path: vividNode('vivid-001-vid-out'),
    code: 'DEVICE_NOT_CAPTURE',
    says: /takes pictures in/,
  },
  {
    what: 'a metadata node',
    path: vividNode('vivid-001-meta-cap'),
    code: 'DEVICE_NOT_CAPTURE',
    says: /metadata/,
  },
  {
    what: 'a size it has not',
    path: webcam,
    width: 641,
    height: 480,
    code: 'DEVICE_FORMAT',
    says: /640x480 yuyv/,
  },
  {
    what: 'a rate it has not',
    path: webcam,
    width: 640,
    height: 480,
    rate: 7,
    code: 'DEVICE_FORMAT',
    says: /7\/s/,
  },
  {
    what: 'another size than the signal has',
    path: hdmi,
    width: 640,
    height: 480,
    code: 'DEVICE_FORMAT',
    says: /signal is/,
  },
  { what: 'an input it has not', path: webcam, input: 9, code: 'DEVICE_INPUT', says: /Its inputs: 0/ },
];

for (const { what, code, says, ...source } of refusals) {
  t.test(`${what} is refused at once: ${code}`, async (t) => {
    await t.rejects(rig.capture('camera', { kind: 'v4l2', ...source }), { code, message: says });
  });
}

t.test('a television standard that the input does not take is refused', async (t) => {
  const wanted = rig.capture('camera', { kind: 'v4l2', path: webcam, standard: 'PAL' });
  const message = /does not take the standard PAL\. Its standards: none/;
  await t.rejects(wanted, { code: 'DEVICE_STANDARD', message });
});

t.test('a camera that gives less than is wanted of it says so once, and goes on', async (t) => {
  const needs = { width: 640, height: 480, rate: 240 };
  const camera = await rig.capture('camera', { kind: 'v4l2', path: webcam, needs });
  const message = /cannot give .*240\/s, which is wanted of it: it gives \d+x\d+/;
  t.match(await camera.event('notice'), { code: 'DEVICE_MODE', message });
  await camera.published(2);
  t.equal(camera.events.filter(({ kind }) => kind === 'notice').length, 1);
  await camera.native.close();
});

t.test('a camera that another program streams from is busy, and the program is named', async (t) => {
  const other = await streamFrom(t, webcam);
  await t.rejects(rig.capture('camera', { kind: 'v4l2', path: webcam }), {
    code: 'DEVICE_BUSY',
    message: new RegExp(`v4l2-ctl \\(process ${other.pid}\\)`),
  });
  t.same([other.exitCode, other.signalCode], [null, null], 'which goes on');
});

t.test('a camera that is let go of within two seconds is waited for', async (t) => {
  const other = await streamFrom(t, webcam);
  const starting = rig.capture('camera', { kind: 'v4l2', path: webcam });
  setTimeout(() => other.kill('SIGKILL'), 500);
  const camera = await starting;
  await camera.published(2);
  await camera.native.close();
});

t.test('a user without the right to use the camera is told which group to join', async (t) => {
  chmodSync(webcam, 0o660);
  chownSync(
    webcam,
    0,
    Number(/^video:.*?:(\d+)/m.exec(execFileSync('getent', ['group', 'video'], { encoding: 'utf8' }))?.[1]),
  );
  t.teardown(() => chmodSync(webcam, 0o666));
  const program = `
    import { loadCameraAddon } from '@camstream/core';
    const ring = ${JSON.stringify(rig.ring('camera', { root: '/dev/shm/camstream-test-nobody' }))};
    const path = ${JSON.stringify(webcam)};
    const source = { kind: 'v4l2', path, width: 0, height: 0, rate: 0, format: '' };
    const starting = loadCameraAddon().startCapture(source, ring, () => {});
    await starting.catch((error) => console.log(error.code, error.message));
  `;
  const asNobody = [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ];
  const said = execFileSync('setpriv', asNobody, { encoding: 'utf8' });
  t.match(said, /^DEVICE_PERMISSION .*user 65534 .*group `video`/);
});

t.test('a camera that is unplugged comes back by itself: same ring, first frame flagged', async (t) => {
  const camera = await rig.capture('camera', {
    kind: 'v4l2',
    path: webcam,
    width: 640,
    height: 480,
    format: 'yuyv',
  });
  const seen = observer.observe({ ring: 'camera', frames: 5, fromDiscontinuity: true, places: [] });
  await until('a reader', () => camera.native.status().members === 1);
  const { ringId } = camera.native.info();
  unplug('vivid.0');
  const failed = await camera.event('failed');
  t.match(failed.code, /^DEVICE_(GONE|NOT_FOUND)$/, failed.message);
  await camera.event('stalled');
  t.equal(camera.native.status().state, 'stalled');
  const published = camera.native.status().published;
  await plugIn('vivid.0', webcam);
  await camera.event('recovered');
  t.equal(camera.native.info().ringId, ringId, 'the ring is the same');
  const { frames } = await seen;
  t.same(
    frames.filter((frame) => frame.flags.discontinuity).map((frame) => frame.sequence),
    [published + 1],
    'the first frame after the gap, and no other, is flagged',
  );
  await camera.native.close();
});

t.test('a signal of another size is followed with a new ring', async (t) => {
  sendSignal(hdmi, 1280, 720);
  const camera = await rig.capture('hdmi', { kind: 'v4l2', path: hdmi, format: 'yuyv' });
  await camera.published(2);
  t.equal(camera.native.info().width, 1280);
  // vivid's source sends what its capture side was last set to; a plug pulled and put in tells of it.
  cutSignal(hdmi);
  const failed = await camera.event('failed');
  t.match(failed.code, /^DEVICE_(SIGNAL_CHANGED|NO_SIGNAL)$/, failed.message);
  sendSignal(hdmi, 640, 480);
  await camera.event('rebuilt');
  await camera.event('recovered');
  t.match(camera.native.info(), { width: 640, height: 480 });
  await camera.native.close();
});

t.test('USERPTR is given up for MMAP where the driver refuses, and a notice says so', async (t) => {
  setControl(webcam, 'inject_vidioc_streamon_error', 1);
  const camera = await rig.capture('camera', { kind: 'v4l2', path: webcam });
  const notice = await camera.event('notice');
  t.equal(notice.code, 'DEVICE_USERPTR');
  t.match(notice.message, /copied once/);
  await camera.published(2);
  t.equal(camera.native.status().io, 'mmap');
  await camera.native.close();
  setControl(webcam, 'inject_vidioc_streamon_error', 1);
  const refused = rig.capture('camera', { kind: 'v4l2', path: webcam, io: 'userptr' });
  await t.rejects(refused, { code: 'DEVICE_USERPTR' });
});

/** v4l2-ctl, streaming. */
async function streamFrom(t: Test, node: string): Promise<ChildProcess> {
  const child = spawn('v4l2-ctl', ['-d', node, '--stream-mmap', '--stream-count=0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
  return child;
}
