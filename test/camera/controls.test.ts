import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { findCamera, listCameras, readControls, setControls } from '@camstream/core';
import t from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { until } from '../support/until.js';
import { changeSignal, plugIn, setControl, unplug, vividNode } from './vivid.js';

const program = resolve(import.meta.dirname, '../../../packages/producer/bin/camstream-producer.mjs');
const webcam = vividNode('vivid-000-vid-cap');
t.setTimeout(300_000); // code runs several times slower in the machine
const rig = new CaptureRig(t);
t.teardown(async () => {
  unplug('vivid.0'); // other tests find the controls at their defaults
  await plugIn('vivid.0', webcam);
});

const control = async (name: string) => (await readControls(webcam)).find((one) => one.name === name);

t.test('cameras are listed with what they are and give; outputs and metadata are not', async (t) => {
  const cameras = await listCameras({ width: 640, height: 480, rate: 25 });
  const nodes = cameras.map(({ path }) => path);
  t.ok(
    [webcam, vividNode('vivid-001-vid-cap')].every((node) => nodes.includes(node)),
    'the cameras',
  );
  t.notOk(
    [vividNode('vivid-001-vid-out'), vividNode('vivid-001-meta-cap')].some((node) => nodes.includes(node)),
  );
  t.equal(new Set(cameras.map(({ id }) => id)).size, cameras.length, 'each has an id of its own');
  const [found] = cameras;
  t.match(found, { path: webcam, name: 'vivid', driver: 'vivid', bus: 'platform:vivid-000', holders: [] });
  t.match(found?.id, 'platform-vivid.0-vivid-000-vid-cap-index0');
  t.match(
    found?.modes.find(({ format, height, rate }) => format === 'yuyv' && height === 480 && rate === 25),
    { width: 640, raw: true, usable: true },
  );
  t.match(
    found?.controls.find(({ name }) => name === 'brightness'),
    { kind: 'integer', minimum: 0, maximum: 255, step: 1, default: 128 },
  );
  t.equal((await findCamera(found?.id ?? ''))?.path, webcam);
});

t.test('controls are set by name: numbers, switches, names of menu entries', async (t) => {
  const set = await setControls(webcam, { brightness: 100, horizontal_flip: true, test_pattern: '100_red' });
  const value = (name: string) => set.find((one) => one.name === name)?.value;
  t.equal(value('brightness'), 100);
  t.equal(value('horizontal_flip'), 1);
  t.equal(value('test_pattern'), 7);
  await setControls(webcam, { brightness: 128, horizontal_flip: false, test_pattern: '75_colorbar' });
});

t.test('what cannot be set is refused, and the message says what to do', async (t) => {
  const refusals = [
    [{ brightnes: 1 }, 'CONTROL_UNKNOWN', /did you mean `brightness`/],
    [{ brightness: 256 }, 'CONTROL_RANGE', /0 to 255, found 256/],
    [{ test_pattern: 'rainbow' }, 'CONTROL_RANGE', /one of 75_colorbar, .*found rainbow/],
    [{ read_only_integer_32_bits: 1 }, 'CONTROL_READ_ONLY', /only be read/],
    [{ gain: 7 }, 'CONTROL_INACTIVE', /set `gain_automatic` to `false` first/],
  ] as const;
  for (const [settings, code, message] of refusals) {
    await t.rejects(setControls(webcam, settings), { code, message }, code);
  }
});

t.test('an automatic is switched before what depends on it, in whatever order they are given', async (t) => {
  await setControls(webcam, { gain: 7, gain_automatic: false });
  t.match(await control('gain'), { value: 7, inactive: false });
  await setControls(webcam, { gain_automatic: true });
});

t.test('what was set, at the start and while it ran, is set again when the camera is back', async (t) => {
  const controls = { contrast: 90, gain: 33, gain_automatic: false };
  const camera = await rig.capture('camera', { kind: 'v4l2', path: webcam, controls });
  t.equal((await control('gain'))?.value, 33, 'from the configuration');
  setControl(webcam, 'brightness', 77); // by another program
  setControl(webcam, 'contrast', 91);
  await camera.published(3);
  t.match(
    (await listCameras())[0]?.holders.map(({ process }) => process),
    [process.pid],
  );
  unplug('vivid.0');
  await camera.event('stalled');
  await plugIn('vivid.0', webcam);
  await camera.event('recovered');
  t.equal((await control('gain'))?.value, 33);
  t.equal((await control('brightness'))?.value, 77);
  t.equal((await control('contrast'))?.value, 91, 'the later one counts');
  await camera.native.close();
});

t.test('a wrong control is told at the start', async (t) => {
  const wrong = rig.capture('camera', { kind: 'v4l2', path: webcam, controls: { brigthness: 1 } });
  await t.rejects(wrong, { code: 'CONTROL_UNKNOWN' });
});

t.test('a second producer hears who has the camera, also before anybody streams', async (t) => {
  const id = (await findCamera(webcam))?.id;
  const first = await rig.capture('first', { kind: 'v4l2', path: `id:${id}` });
  const second = rig.capture('second', { kind: 'v4l2', path: webcam });
  await t.rejects(second, { code: 'DEVICE_BUSY', message: new RegExp(`process ${process.pid}\\)`) });
  const waiting = await rig.capture('waiting', { kind: 'v4l2', path: webcam, wait: true });
  t.match((await waiting.event('failed')).code, 'DEVICE_BUSY');
  t.ok(waiting.native.info().width > 0, 'its ring is there already');
  await first.native.close();
  await waiting.published(2);
  await until('live', () => waiting.native.status().state === 'live');
  await waiting.native.close();
});

t.test('the commands list cameras, and show and set controls, as people and programs use them', async (t) => {
  const command = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [program, ...args], { maxBuffer: 2 ** 26 })).stdout;
  const found = JSON.parse(await command('devices', '--json')) as { path: string; modes: unknown[] }[];
  const one = found.find(({ path }) => path === webcam);
  t.match(one, { name: 'vivid', id: 'platform-vivid.0-vivid-000-vid-cap-index0' });
  t.ok((one?.modes.length ?? 0) > 100, `${one?.modes.length} modes`);
  const table = await command('devices');
  t.match(table, new RegExp(`^${webcam}  vivid\\n  id:platform-vivid.0-vivid-000-vid-cap-index0$`, 'm'));
  t.match(table, /^ {2}yuyv +320x180.*\n {2}uyvy/m);
  t.match(table, /^ {2}controls: brightness, contrast/m);
  const set = await command('controls', webcam, '--set', 'brightness=101', 'test_pattern=100_red');
  t.match(set, /^brightness +101 {2}\[0 to 255; default 128\]$/m);
  t.match(set, /^test_pattern +100_red {2}\[75_colorbar, /m);
  t.equal((await control('brightness'))?.value, 101);
  const shown = JSON.parse(await command('controls', webcam, '--json')) as { name: string }[];
  t.match(
    shown.find(({ name }) => name === 'brightness'),
    { value: 101, minimum: 0, maximum: 255 },
  );
  await command('controls', webcam, '--set', 'brightness=128', 'test_pattern=75_colorbar');
});

t.test('a control that is locked while the camera streams says so, and is no read-only one', async (t) => {
  const hdmi = vividNode('vivid-001-vid-cap');
  changeSignal(hdmi, '1280x720p60');
  const camera = await rig.capture('camera', { kind: 'v4l2', path: hdmi });
  await camera.published(1);
  const name = 'enable_capture_cropping';
  const found = (await readControls(hdmi)).find((one) => one.name === name);
  t.match(found, { locked: true, readOnly: false });
  await t.rejects(setControls(hdmi, { [name]: false }), {
    code: 'CONTROL_LOCKED',
    message: /`enable_capture_cropping` cannot be set while the camera streams/,
  });
  await camera.native.close();
  await setControls(hdmi, { [name]: true });
});
