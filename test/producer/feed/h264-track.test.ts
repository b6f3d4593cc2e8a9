import { connect } from '@camstream/consumer';
import {
  type CameraAddon,
  CamstreamError,
  type NativeCamera,
  type NativeControl,
  silentLog,
} from '@camstream/core';
import { H264Track, type H264TrackOptions, h264Node } from '@camstream/producer';
import t from 'tap';
import { CaptureRig } from '../../support/capture-rig.js';
import { until } from '../../support/until.js';

const rig = new CaptureRig(t);

const switchOf = (name: string): NativeControl => ({
  ...{ name, kind: 'boolean', value: 0, minimum: 0, maximum: 1, step: 1, default: 0 },
  ...{ menu: [], readOnly: false, locked: false, inactive: false },
});
const camera = (path: string, bus: string, format: string): NativeCamera => ({
  ...{ path, bus, id: `${bus}-${path.at(-1)}`, name: 'a camera', driver: 'uvcvideo' },
  modes: [{ format, raw: format !== 'h264', usable: true, width: 640, height: 480, rate: 30 }],
  controls: format === 'h264' ? [switchOf('repeat_sequence_header')] : [],
  ...{ inputs: [], holders: [] },
});
const machine = [
  camera('/dev/video0', 'usb-1', 'yuyv'),
  camera('/dev/video2', 'usb-2', 'h264'),
  camera('/dev/video4', 'usb-1', 'h264'),
];

t.test('the H.264 of a camera comes from another node of the same device', async (t) => {
  t.equal(h264Node(machine, '/dev/video0'), '/dev/video4');
  t.equal(h264Node(machine, 'id:usb-1-0'), '/dev/video4');
  t.equal(h264Node(machine, '/dev/video4'), undefined, 'which is not the node itself');
  t.equal(h264Node(machine, '/dev/video9'), undefined);
});

/** Opens a track where devices are those above, and what is started in place of one is `start`. */
function open(
  h264: string,
  start: CameraAddon['startCapture'],
  controls: CameraAddon['cameraControls'] = async () => [],
) {
  const warnings: string[] = [];
  const options: H264TrackOptions = {
    addon: { listCameras: async () => machine, startCapture: start, cameraControls: controls },
    camera: {
      name: 'main',
      h264,
      ring: { name: 'camera', slots: { readers: 2, hold: 1 }, leaseTimeoutMs: 5000, group: '' },
    },
    path: '/dev/video0',
    folder: { root: rig.root, system: false, group: '' },
    log: { ...silentLog, warn: (_facts, text) => warnings.push(text) },
  };
  return H264Track.open(options).then((track) => ({ track, warnings }));
}

t.test('it is captured as it is, into a ring beside that of the raw pictures', async (t) => {
  const asked: unknown[] = [];
  const { track } = await open('auto', (source, ring, events) => {
    asked.push(source);
    return rig.addon.startCapture(
      { kind: 'test', width: 64, height: 64, rate: 30, format: 'gray8' },
      ring,
      events,
    );
  });
  if (!track) throw new Error('no track');
  rig.adopt(track);
  const controls = { repeat_sequence_header: true };
  t.match(asked, [{ kind: 'v4l2', path: '/dev/video4', format: 'h264', controls }]);
  t.match(track.entries(), [{ codec: 'h264', ring: 'camera-h264' }]);
  const reader = await connect('camera-h264', { timeoutMs: 5000 });
  reader.close();
  await track.close();
});

t.test('what is written goes before what is found, and off is off', async (t) => {
  const refused = Promise.reject(new CamstreamError('DEVICE_BUSY', 'it is in use'));
  refused.catch(() => {});
  const written = await open('/dev/video7', () => refused);
  t.equal(written.track, undefined);
  t.match(written.warnings, [/camera main: H.264 of \/dev\/video7 is left out: it is in use/]);
  const off = await open('off', () => refused);
  t.same(off.warnings, [], 'nothing is opened');
  t.equal(off.track, undefined);
});

t.test(
  'a camera is asked for a key frame, one at a time, and never again if it knows no such thing',
  async (t) => {
    const asked: unknown[] = [];
    let answer: (error?: Error) => void = () => {};
    const { track } = await open(
      'auto',
      (_, ring, events) =>
        rig.addon.startCapture(
          { kind: 'test', width: 64, height: 64, rate: 30, format: 'gray8' },
          ring,
          events,
        ),
      (path, settings) => {
        asked.push([path, settings]);
        return new Promise((resolve, reject) => {
          answer = (error) => (error === undefined ? resolve([]) : reject(error));
        });
      },
    );
    if (!track) throw new Error('no track');
    rig.adopt(track);
    const live = await until('its first picture', () => track.live);
    t.match(live, { codec: 'h264', ring: 'camera-h264' });
    track.requestKeyFrame();
    track.requestKeyFrame();
    t.same(asked, [['/dev/video4', { force_key_frame: true }]]);
    answer();
    await until('the next request', () => {
      track.requestKeyFrame();
      return asked.length === 2;
    });
    answer(new CamstreamError('CONTROL_UNKNOWN', 'there is none'));
    await new Promise(setImmediate);
    track.requestKeyFrame();
    t.equal(asked.length, 2);
    await track.close();
  },
);
