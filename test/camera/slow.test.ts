import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { until } from '../support/until.js';
import { PlayedCamera } from './played-camera.js';

t.test('a camera that slows down is not opened anew between two frames; silence is told', async (t) => {
  const rig = new CaptureRig(t);
  const path = '/dev/video25';
  const played = new PlayedCamera(t, path, 320, 240, 'YUYV');
  const picture = Buffer.alloc(320 * 240 * 2, 128);
  const quick = played.play([picture], 10);
  await until('a camera', () => played.count > 2);
  const camera = await rig.capture('slow', { kind: 'v4l2', path, stallMs: 5000 });
  await camera.published(5);
  quick.stop();
  let sentMs = performance.now();
  let gap = 0;
  for (const seconds of [3, 3, 7]) {
    const { published } = camera.native.status();
    await sleep(seconds * 1000);
    gap = (performance.now() - sentMs) / 1000;
    sentMs = performance.now();
    played.send(picture);
    await camera.published(published + 1);
  }
  const hung = () =>
    camera.events.filter((event) => {
      const code = 'code' in event ? event.code : event.kind;
      return ['CAMERA_STALLED', 'CAMERA_RECOVERY', 'stalled'].includes(code);
    });
  t.same(hung(), [], 'seven seconds are over the limit, and not three of the intervals before');
  await until('it hangs', () => hung().length > 0);
  const silence = Number(/no frame for ([\d.]+) s/.exec(JSON.stringify(hung()[0]))?.[1]);
  t.comment(`told after ${silence} s, the last two frames were sent ${gap.toFixed(1)} s apart`);
  // Each of the two may have been under way for a second.
  t.ok(Math.abs(silence - 3 * gap) < 3, 'that is three times as long');
  await camera.native.close();
});
