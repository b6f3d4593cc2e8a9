import type { Camera, NativeCameraMode } from '@camstream/core';
import { cameraNeeds, controlsText, devicesText, parseConfig, rankCameras } from '@camstream/producer';
import t from 'tap';
import { webcam } from '../../support/webcam.js';

const needs = { width: 1920, height: 1080, rate: 30 };

function mode(format: string, width: number, height: number, rate: number): NativeCameraMode {
  const usable = format !== 'NV16';
  return { format, raw: format !== 'mjpeg', usable, width, height, rate };
}

function camera(number: number, modes: readonly NativeCameraMode[], facts: Partial<Camera> = {}): Camera {
  return webcam(number, { modes, ...facts });
}

const small = [mode('yuyv', 640, 480, 30)];
const jpeg = [...small, mode('mjpeg', 1920, 1080, 30)];
const raw = [mode('yuyv', 1920, 1080, 60)];
const virtual = { driver: 'vivid', bus: 'platform:vivid-000', id: 'platform-vivid.0-index0' };
const best = (...cameras: readonly Camera[]) => rankCameras(cameras, needs).map((one) => one.camera.path);

t.test('auto takes a real camera before a virtual one, whatever they give', async (t) => {
  t.same(best(camera(0, raw, virtual), camera(1, small)), ['/dev/video1', '/dev/video0']);
});

t.test(
  'then the one that reaches what is needed, then raw over compressed, then the lowest number',
  async (t) => {
    t.same(best(camera(0, small), camera(1, jpeg)), ['/dev/video1', '/dev/video0']);
    t.same(best(camera(0, jpeg), camera(1, raw)), ['/dev/video1', '/dev/video0']);
    t.same(best(camera(2, raw), camera(10, raw)), ['/dev/video2', '/dev/video10']);
  },
);

t.test(
  'a camera that gives nothing of use is left out, one that could not be looked at comes last',
  async (t) => {
    const closed = camera(0, [], { problem: new Error('no') });
    t.same(best(camera(1, [mode('NV16', 1920, 1080, 30)]), closed, camera(2, small)), [
      '/dev/video2',
      '/dev/video0',
    ]);
  },
);

t.test('what is taken is taken for a reason', async (t) => {
  const [first] = rankCameras([camera(0, jpeg)], needs);
  t.equal(first?.why, 'a real camera that reaches 1920x1080 at 30/s compressed');
  const [other] = rankCameras([camera(0, small, virtual)], needs);
  t.equal(other?.why, 'a virtual camera that does not reach 1920x1080 at 30/s');
});

t.test('a camera needs what the largest and the fastest of its rings and streams want', async (t) => {
  const text = `
cameras: { left: { source: test }, right: { source: test } }
rings:
  a: { camera: left, width: 640, height: 480, rate: 60 }
  b: { camera: right, width: 320, height: 240 }
streams: { c: { camera: left, width: 720, height: 1280, rotate: 90, rate: 25 } }
`;
  const config = parseConfig({ text, folder: '/' });
  t.same(cameraNeeds('left', config), { width: 1280, height: 720, rate: 60 });
  t.same(cameraNeeds('right', config), { width: 320, height: 240, rate: 0 });
  const cropped =
    'streams: { c: { crop: { x: 100, y: 50, width: 800, height: 600 }, width: 80, height: 60 } }\nrings: {}';
  t.match(cameraNeeds('main', parseConfig({ text: cropped, folder: '/' })), { width: 900, height: 650 });
});

t.test('the tables of cameras and controls are for people', async (t) => {
  const text = devicesText([
    camera(0, [...jpeg, mode('NV16', 8, 8, 1)], { holders: [{ process: 7, program: 'vlc' }] }),
  ]);
  t.match(text, /^\/dev\/video0 {2}Webcam 0$/m);
  t.match(text, /^ {2}id:usb-046d:0825-0-index0$/m);
  t.match(text, /^ {2}open in vlc \(process 7\)$/m);
  t.match(text, /^ {2}mjpeg {2}1920x1080 \(30\)$/m);
  t.match(text, /not converted: NV16/);
  t.match(devicesText([]), /^No camera/);
  const gain = {
    minimum: 0,
    maximum: 255,
    step: 1,
    default: 100,
    menu: [],
    readOnly: false,
    locked: false,
    inactive: true,
  } as const;
  t.match(
    controlsText([{ name: 'gain', kind: 'integer', value: 85, ...gain }]),
    /^gain {2}85 {2}\[0 to 255; default 100\] {2}\(inactive/,
  );
});
