import { setTimeout as sleep } from 'node:timers/promises';
import { askStatus } from '@camstream/producer';
import t from 'tap';
import { until } from '../support/until.js';
import { startAttached } from './attached.js';
import { setControl, vividNode } from './vivid.js';

/** Ten seconds each, and code runs several times slower in the machine. The whole file has 240 s. */
const stepMs = 30_000;
const webcam = vividNode('vivid-000-vid-cap');

/** What is tried, in this order, and how the camera is open then. */
const steps = [
  { says: /its stream is stopped and started/, opened: 'as at first' }, // only the log says that it was
  { says: /it is closed and opened again/, opened: 'as at first' },
  { says: /the driver's own buffers \(MMAP\)/, opened: 'by MMAP' },
  { says: /it is opened in another mode/, opened: 'in another mode' },
  { says: /its USB device is reset, if it is one/, opened: 'by MMAP' },
  { says: /nothing has helped/, opened: 'as at first' },
] as const;

t.test('a camera that opens and never delivers is taken through every step, each once', async (t) => {
  const { service, viewer, raw } = await startAttached(t, webcam);
  await raw.next(5);
  const camera = async () => (await askStatus(new URL(service.url('/')), undefined)).cameras[0];
  const first = (await camera())?.description ?? '';
  t.match(first, /, USERPTR$/);
  const byMmap = first.replace('USERPTR', 'MMAP');
  const isOpened = {
    'as at first': (found: string) => found === first,
    'by MMAP': (found: string) => found === byMmap,
    'in another mode': (found: string) => /, MMAP$/.test(found) && found !== byMmap,
  };
  const told = () => service.linesWhere(({ code }) => code === 'CAMERA_RECOVERY');

  setControl(webcam, 'percentage_of_dropped_buffers', 100);
  for (const [index, { says, opened }] of steps.entries()) {
    await until(`step ${index + 1}`, () => told().length > index, stepMs);
    const line = String(told()[index]?.msg);
    t.match(line, says);
    t.match(line, /has given no frame for \d+ s/, 'and why');
    const description = await until(`opened ${opened}`, async () => {
      const found = (await camera())?.description ?? '';
      return isOpened[opened](found) ? found : undefined;
    });
    t.comment(`${says.source}: ${description}`);
    if (index === 0) continue; // the device stays open
    await until('the status says so', async () => {
      const found = await camera();
      return found?.state === 'failed' && found.reason?.code === 'CAMERA_STALLED';
    });
  }
  const times = told().map(({ time }) => Number(time) / 1000);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  t.comment(`from step to step, s: ${gaps.map((gap) => gap.toFixed(1)).join(', ')}`);
  t.ok(await viewer.notice(), 'viewers see a notice');
  await sleep(30_000);
  t.equal(told().length, steps.length, 'opened again and again, and no further word');

  // What is set while the camera is closed between two attempts is not seen, and so set back.
  await until('frames', async () => {
    setControl(webcam, 'percentage_of_dropped_buffers', 0);
    return (await camera())?.state === 'live';
  });
  await raw.next(5);
  t.ok(await viewer.picture(), 'both are served again by themselves');
  t.equal((await camera())?.description, first);
});
