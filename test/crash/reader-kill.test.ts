import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { FrameHolder } from '../support/frame-holder.js';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

// Readers of the SDK that are killed: with a leased frame, or anywhere on their way to one.

const long = process.env.CAMSTREAM_LONG !== undefined && process.env.CAMSTREAM_OTHER_NODE === undefined;
const rounds = long ? 100 : 6;
t.setTimeout(long ? 3_600_000 : 180_000);

makeRingRoot();
const ring = openTestRing({ width: 640, height: 480 });
const data = new Uint8Array(640 * 480);
const filling = setInterval(() => ring.publish(data), 16);
t.teardown(() => {
  clearInterval(filling);
  ring.close();
});

t.test('a reader killed with its lease leaves nothing', async (t) => {
  for (let round = 0; round < rounds; round++) {
    const holder = await FrameHolder.start(t, 'test');
    const { leased } = await holder.take();
    if (!leased) t.fail(`round ${round}: the frame was not leased`);
    await until('the lease is seen', () => ring.status().leased === 1);
    await holder.kill();
    await until('member and lease are gone', () => ring.status().members + ring.status().leased === 0);
  }
  t.equal(ring.status().revoked, 0, 'given back by its end, not taken');
});

t.test('and so does one killed at any moment', async (t) => {
  for (let round = 0; round < rounds; round++) {
    const holder = await FrameHolder.start(t, 'test');
    holder.take().catch(() => undefined); // it may be dead before it answers
    await sleep(Math.random() * 30);
    await holder.kill();
    await until('member and lease are gone', () => ring.status().members + ring.status().leased === 0);
  }
  t.equal(ring.status().revoked, 0);
});
