import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { readControls } from '@camstream/core';
import t, { type Test } from 'tap';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';
import { RawReader, Watcher } from './attached.js';
import { FaultsTold, injections } from './injections.js';
import { load, plugIn, setControl, unload, unplug, vividNode } from './vivid.js';

// One service with two cameras lives through everything. It is started while neither of them is there.
t.setTimeout(600_000); // code runs several times slower in the machine
const webcam = vividNode('vivid-000-vid-cap');
const config = `
cameras:
  web: { source: ${webcam}, mode: { width: 320, height: 180, rate: 30, format: yuyv } }
  hdmi: { source: "id:platform-vivid.0-vivid-001-vid-cap-index0", mode: { format: yuyv } }
rings: {}
streams: { low: { camera: web, width: 320, height: 180, rate: 30 } }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`;

unplug('vivid.0');
const service = await Service.start(t, { config });
process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
const viewer = await Watcher.open(t, service.urls('low')[0]);
const web = await RawReader.open(t, 'web-camera');
const other = await RawReader.open(t, 'hdmi-camera');

t.test('a camera that is not there at the start is waited for; viewers are told', async (t) => {
  t.ok(await viewer.notice(), 'a still notice in place of frames');
  await plugIn('vivid.0', webcam);
  await servedAgain(t, 'after it has been plugged in');
  await other.next(3);
});

for (const [what, controls, told] of injections) {
  t.test(`${what}: it is told, and both are served again by themselves`, async (t) => {
    const faults = await FaultsTold.fromNow(service, 'web');
    for (const control of controls) setControl(webcam, control, 1);
    await faults.told(told);
    await servedAgain(t, what);
    if (told.lines.length === 0) t.same(faults.codes(), [], 'no word in the log');
  });
}

t.test('no error that vivid can inject is left out here', async (t) => {
  const tried = new Set(injections.flatMap(([, controls]): readonly string[] => controls));
  const known = (await readControls(webcam)).map(({ name }) => name);
  const errors = known.filter((name) => /^inject_|error|disconnect/.test(name));
  t.ok(errors.length >= 6, `${errors.length} of them`);
  t.same(
    errors.filter((name) => !tried.has(name)),
    [],
  );
});

t.test('a camera that slows down is told once, and goes on', async (t) => {
  execFileSync('v4l2-ctl', ['-d', webcam, '--set-parm', '15']); // by another program, while we stream
  await service.until((lines) => lines.some(({ code }) => code === 'CAMERA_SLOW'));
  await servedAgain(t, 'at half the rate');
  const [told] = service.linesWhere(({ code }) => code === 'CAMERA_SLOW');
  t.match(told?.msg, /gives 1\d(\.\d+)?\/s in place of the 30\/s agreed on/);
});

t.test('a camera that comes back under another number is known by its id', async (t) => {
  await unload();
  t.ok(await viewer.notice(), 'a notice');
  load([40, 41, 42]);
  t.equal(vividNode('vivid-000-vid-cap'), '/dev/video40');
  await servedAgain(t, 'as /dev/video40');
  await unload();
  load();
  await servedAgain(t, `as ${vividNode('vivid-000-vid-cap')} again`);
});

t.test('a node that gets its rights after it has appeared is used then, by an ordinary user', async (t) => {
  await service.stop();
  unplug('vivid.0');
  const program = `
    import { loadCameraAddon } from '@camstream/core';
    const ring = { root: '/dev/shm/camstream-test-nobody', name: 'camera', readers: 1, hold: 1,
      localLeases: 0, leaseTimeoutMs: 5000, group: '', systemModes: false };
    const source = { kind: 'v4l2', path: ${JSON.stringify(webcam)}, width: 320, height: 180, rate: 30,
      format: 'yuyv', wait: true };
    const tell = ({ kind, code = '' }) => console.log(kind, code);
    const capture = await loadCameraAddon().startCapture(source, ring, tell);
    process.once('SIGTERM', () => capture.close());
  `;
  const who = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const asNobody = [...who, process.execPath, '--input-type=module', '-e', program];
  const child = spawn('setpriv', asNobody, { cwd: import.meta.dirname });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  await until('it waits', () => /failed DEVICE_NOT_FOUND/.test(said));
  await plugIn('vivid.0', webcam); // root's alone: there is no udev in the machine
  await until('it may not yet', () => /failed DEVICE_PERMISSION/.test(said));
  chmodSync(webcam, 0o666);
  await until('it may', () => /started/.test(said));
  await until('frames', () => /recovered/.test(said));
  t.match(said, /NOT_FOUND.*PERMISSION.*started.*recovered/s, 'in this order');
  child.kill('SIGTERM');
  await once(child, 'close');
});

/** Frames for the raw reader, and pictures of the camera for the viewer, after now. */
async function servedAgain(t: Test, when: string): Promise<void> {
  await web.next(5);
  t.ok(await viewer.picture(), `${when}: raw frames, and pictures`);
}
