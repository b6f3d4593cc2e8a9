import { type Camera, CamstreamError, type Log } from '@camstream/core';
import { AutoCamera, CameraSearch } from '@camstream/producer';
import t from 'tap';
import { until } from '../../support/until.js';
import { webcam } from '../../support/webcam.js';

const mode = { format: 'yuyv', raw: true, usable: true, width: 1920, height: 1080, rate: 30 };

function camera(number: number, facts: Partial<Camera> = {}): Camera {
  return webcam(number, { modes: [mode], ...facts });
}

/** A machine whose cameras the test plugs in and out. */
function setUp() {
  const machine: { cameras: Camera[]; errors: Map<string, CamstreamError> } = {
    cameras: [],
    errors: new Map(),
  };
  const lines: string[] = [];
  const write = (_: unknown, message: string) => void lines.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const taken = new Set<string>();
  const auto = new AutoCamera({
    addon: { listCameras: async () => machine.cameras },
    needs: { width: 0, height: 0, rate: 0 },
    who: 'auto',
    taken,
    log,
  });
  const open = async (path: string) => {
    const error = machine.errors.get(path);
    if (error) throw error;
    return path;
  };
  return { machine, lines, taken, auto, open };
}

t.test('the best camera that is free and opens is taken; why others were not is told once', async (t) => {
  const { machine, lines, taken, auto, open } = setUp();
  machine.cameras = [camera(0), camera(1), camera(2), camera(3)];
  taken.add('/dev/video0').add('id:usb-046d:0825-1-index0');
  machine.errors.set('/dev/video2', new CamstreamError('DEVICE_BUSY', 'in use'));
  t.equal(await auto.openBest(open), '/dev/video3');
  t.match(lines, [/passes over .*video2: in use {2}code=DEVICE_BUSY/, /takes .*video3 .*: a real camera/]);
  machine.cameras.pop();
  t.equal(await auto.openBest(open), undefined);
  t.ok(auto.mayComeFree);
  t.equal(lines.length, 2, 'not told again');
});

t.test('at the start a wrong ring or control is no reason to take another camera', async (t) => {
  const { machine, auto, open } = setUp();
  machine.cameras = [camera(0), camera(1)];
  machine.errors.set('/dev/video0', new CamstreamError('CONTROL_UNKNOWN', 'no such control'));
  await t.rejects(auto.openBest(open), { code: 'CONTROL_UNKNOWN' });
  t.equal(await auto.openBest(open, true), '/dev/video1', 'later it passes that camera over');
});

t.test('a search takes a camera that appears', async (t) => {
  const { machine, auto, open } = setUp();
  const taken: string[] = [];
  let looks = 0;
  const search = CameraSearch.start(auto, {
    change: async (path) => void taken.push(await open(path)),
    failed: (error) => t.fail(String(error)),
    nodes: () => `${++looks} ${machine.cameras.length}`,
    lookEveryMs: 1,
  });
  t.teardown(() => search.stop());
  await until('looks', () => looks > 3);
  machine.cameras = [camera(0)];
  await until('a camera', () => taken.length > 0);
  t.same(taken, ['/dev/video0']);
});

t.test('a camera that somebody uses is not touched, and taken when it is let go of', async (t) => {
  const { machine, lines, auto, open } = setUp();
  const holders = [{ process: 12, program: 'v4l2-ctl' }];
  machine.cameras = [camera(0, { holders })];
  const taken: string[] = [];
  const search = CameraSearch.start(auto, {
    change: async (path) => void taken.push(await open(path)),
    failed: (error) => t.fail(String(error)),
    nodes: () => 'the same',
    lookEveryMs: 1,
    retryEveryMs: 2,
  });
  t.teardown(() => search.stop());
  await until('it is passed over', () => lines.length > 0);
  t.match(lines, ['auto passes over /dev/video0: in use by v4l2-ctl (process 12)']);
  machine.cameras = [camera(0)];
  await until('it is taken', () => taken.length > 0);
});

t.test('a look that fails is told, and the next one follows', async (t) => {
  const failures: unknown[] = [];
  let looks = 0;
  const openBest = () => (++looks === 1 ? Promise.reject(new Error('no sysfs')) : Promise.resolve(undefined));
  let nodes = 0;
  const search = CameraSearch.start(
    { openBest, mayComeFree: false },
    {
      change: async () => {},
      failed: (error) => failures.push(error),
      nodes: () => String(++nodes),
      lookEveryMs: 1,
    },
  );
  await until('a second look', () => looks > 1);
  await search.stop();
  t.match(failures, [{ message: 'no sysfs' }]);
});
