import { execFileSync } from 'node:child_process';
import t from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { RingObserver } from '../support/ring-observer.js';
import { barPlaces, distanceFromBars, vividNode } from './vivid.js';

t.setTimeout(300_000); // code runs several times slower in the machine
const tolerance = 6; // levels: rounding, twice
const path = vividNode('vivid-001-vid-cap');
const input = 1; // S-Video
const rig = new CaptureRig(t);
const observer = new RingObserver(t);
t.teardown(() => execFileSync('v4l2-ctl', ['-d', path, '--set-input', '0'])); // HDMI, for other tests

const standards = [
  { standard: 'PAL', width: 720, height: 576, rate: 25 },
  { standard: 'NTSC', width: 720, height: 480, rate: 30_000 / 1001 },
  { standard: 'pal-bg', width: 720, height: 576, rate: 25 }, // by the driver's own name, in any case
];

for (const { standard, width, height, rate } of standards) {
  t.test(`an analogue input set to ${standard}: ${width}x${height} at ${rate.toFixed(2)}/s`, async (t) => {
    const camera = await rig.capture('tape', { kind: 'v4l2', path, input, standard, format: 'yuyv' });
    const { info, colours } = await observer.observe({ ring: 'tape', frames: 5, places: barPlaces });
    t.match(info, { width, height });
    t.ok(Math.abs(info.rate - rate) < 0.01, `${info.rate}/s`);
    const distance = distanceFromBars(colours);
    t.ok(distance <= tolerance, `colour bars, at most ${distance.toFixed(1)} levels off`);
    await camera.native.close();
  });
}

t.test('it stays as it was set where nothing is said of it', async (t) => {
  const camera = await rig.capture('tape', { kind: 'v4l2', path, format: 'yuyv' });
  t.match(camera.native.info(), { width: 720, height: 576 });
  await camera.native.close();
});

t.test('a standard or size that it has not is refused with what is possible', async (t) => {
  const source = { kind: 'v4l2', path, input } as const;
  await t.rejects(rig.capture('tape', { ...source, standard: 'PAL-XX' }), {
    code: 'DEVICE_STANDARD',
    message: /does not take the standard PAL-XX\. Its standards: .*NTSC.*PAL.*SECAM/,
  });
  await t.rejects(rig.capture('tape', { ...source, standard: 'PAL', width: 720, height: 480, rate: 30 }), {
    code: 'DEVICE_FORMAT',
    message: /cannot give 720x480 in any format at 30\/s\. Possible: .*up to 25\/s/,
  });
  await t.rejects(rig.capture('tape', { kind: 'v4l2', path, input: 0, standard: 'PAL' }), {
    code: 'DEVICE_STANDARD',
    message: /Its standards: none/,
  });
});
