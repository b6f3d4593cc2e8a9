import t from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { Service } from '../support/service.js';
import { SteadyViewer } from '../support/steady-viewer.js';
import { until } from '../support/until.js';
import { RawReader, Watcher } from './attached.js';
import { changeSignal, setControl, vividNode } from './vivid.js';

t.setTimeout(300_000); // code runs several times slower in the machine
const hdmi = vividNode('vivid-001-vid-cap');

t.test('an HDMI input without a signal says so, and is used when one comes', async (t) => {
  const rig = new CaptureRig(t);
  const noSignal = 1; // dv_timings_signal_mode
  setControl(hdmi, 'dv_timings_signal_mode', noSignal);
  const source = { kind: 'v4l2', path: hdmi } as const;
  const message = /the input of \/dev\/video\d+ \(vivid\) .*Look at the cable/;
  await t.rejects(rig.capture('camera', source), { code: 'DEVICE_NO_SIGNAL', message });
  const waiting = await rig.capture('camera', { ...source, wait: true });
  t.match(await waiting.event('failed'), { code: 'DEVICE_NO_SIGNAL', message });
  changeSignal(hdmi, '1280x720p60');
  await waiting.published(2);
  t.match(waiting.native.info(), { width: 1280, height: 720 });
  await waiting.native.close();
});

t.test('an HDMI source that changes its timings while it is watched is followed', async (t) => {
  changeSignal(hdmi, '1920x1080p60');
  const service = await Service.start(t, {
    config: `
cameras: { hdmi: { source: ${hdmi}, mode: { format: yuyv } } }
rings: {}
streams:
  low: { width: 320, height: 180, rate: 5 }
  high: { width: 320, height: 180, rate: 5, codec: h264 }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`,
  });
  process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
  const viewer = await Watcher.open(t, service.urls('low')[0]);
  const film = await SteadyViewer.rtsp(t, service.rtspUrl('high'), 'tcp');
  const raw = await RawReader.open(t, 'camera');
  await raw.next(5, '1920x1080');
  t.ok(await viewer.picture(), 'a raw reader and an MJPEG viewer have 1080p60');
  await until('pictures by RTSP', () => film.pictures > 5);
  changeSignal(hdmi, '1280x720p60');
  await raw.next(5, '1280x720');
  t.ok(await viewer.picture(), 'both are served again by themselves, at 720p60');
  const before = film.pictures;
  await until('more pictures by RTSP, over the same connection', () => film.pictures > before + 10);
  await service.until((lines) => lines.some(({ code }) => code === 'DEVICE_SIGNAL_CHANGED'));
  t.equal(service.child.exitCode, null, 'no restart');
});
