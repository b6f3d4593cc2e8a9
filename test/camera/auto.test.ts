import t from 'tap';
import { Service } from '../support/service.js';
import { RawReader, Watcher } from './attached.js';
import { plugIn, setControl, unplug, vividNode } from './vivid.js';

t.setTimeout(300_000); // code runs several times slower in the machine
const webcam = vividNode('vivid-000-vid-cap');
const red = 7; // of vivid's test patterns

t.test('auto: a camera that appears after the start takes the place of the test picture', async (t) => {
  unplug('vivid.0'); // all cameras here are of this one device
  const service = await Service.start(t, {
    config: `
cameras: { main: { source: auto, mode: { width: 320, height: 180, rate: 10, format: yuyv } } }
rings: {}
streams: { low: { width: 320, height: 180, rate: 5, port: 0 } }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`,
  });
  await service.says(/source auto takes the test picture until there is a camera: there is no free camera/);
  const viewer = await Watcher.open(t, service.urls('low')[0]);
  process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
  const raw = await RawReader.open(t, 'camera');
  t.ok(await viewer.picture(), 'the test picture');
  await plugIn('vivid.0', webcam);
  await service.says(new RegExp(`source auto takes ${webcam} \\(vivid, id:platform-vivid.0`));
  setControl(webcam, 'test_pattern', red);
  t.ok(await viewer.red(), 'the same viewer sees the camera');
  await raw.next(5);
  t.equal(service.child.exitCode, null, 'no restart');
});
