import t from 'tap';
import { until } from '../support/until.js';
import { startAttached } from './attached.js';
import { HeldTable } from './held-table.js';
import { injections } from './injections.js';
import { plugIn, setControl, unplug, vividNode } from './vivid.js';

// One service and its camera, through errors and removals again and again.
const isLong = Boolean(process.env.CAMSTREAM_LONG);
const rounds = isLong ? 100 : 2;
t.setTimeout(isLong ? 5_000_000 : 600_000); // code runs several times slower in the machine
const webcam = vividNode('vivid-000-vid-cap');

t.test(`${rounds} rounds of an error, and of removal and return: nothing stays behind`, async (t) => {
  const { service, viewer, raw } = await startAttached(t, webcam, ', rate: 30, format: yuyv');
  const table = new HeldTable(service.child);
  for (let round = 1; round <= rounds; ++round) {
    const [what, controls] = injections[round % injections.length] as (typeof injections)[number];
    for (const control of controls) setControl(webcam, control, 1);
    await raw.next(5);
    unplug('vivid.0');
    const told = await viewer.notice();
    await plugIn('vivid.0', webcam);
    await raw.next(5);
    const served = await viewer.picture();
    t.ok(told && served, `round ${round}: ${what}; removed, noticed, and back`);
    if (round > 1 && round % 10 !== 0) continue;
    table.note(round);
    if (isLong) table.write('camera-faults');
  }
  await until('no more is held than after the first', () => table.isEven());
  t.equal(service.child.exitCode, null, 'no restart');
});
