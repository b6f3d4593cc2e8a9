import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@camstream/consumer';
import { loadCameraAddon } from '@camstream/core';
import t from 'tap';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

const root = makeRingRoot();
const size = 64 * 16;

/** A camera with a thread of its own, as regular as this machine allows. */
function regularCamera(name: string) {
  return loadCameraAddon().startCapture(
    { kind: 'test', width: 64, height: 48, rate: 200, format: 'gray8' },
    { root, name, readers: 4, hold: 1, localLeases: 0, leaseTimeoutMs: 5000, group: '', systemModes: false },
    () => {},
  );
}

t.test('readSync() is awake when frames come in a rhythm, and gives each once', async (t) => {
  const camera = await regularCamera('sync');
  t.teardown(() => camera.close());
  const reader = await connect('sync', { timeoutMs: 10_000, anticipate: true });
  t.teardown(() => reader.close());
  const met = () => reader.anticipation?.met ?? 0;
  const deadline = performance.now() + 60_000;
  for (let last = 0; met() < 20 && performance.now() < deadline; ) {
    const frame = reader.readSync(10_000);
    if (frame.sequence <= last) t.fail(`frame ${frame.sequence} came after ${last}`);
    last = frame.sequence;
    frame.release();
  }
  t.ok(met() >= 20, `met ${met()} frames`);
  t.same(reader.held, { frames: 0, lingering: 0, copies: 0 }, 'a rehearsal leaves nothing behind');
});

t.test('a loop is awake too, sees every frame in order, and lets timers run', async (t) => {
  const camera = await regularCamera('async');
  t.teardown(() => camera.close());
  const reader = await connect('async', { timeoutMs: 10_000, anticipate: true });
  t.teardown(() => reader.close());
  const met = () => reader.anticipation?.met ?? 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  t.teardown(() => clearInterval(timer));
  const deadline = performance.now() + 60_000;
  let last = 0;
  for await (const frame of reader.frames('every')) {
    if (last > 0 && frame.sequence !== last + frame.missed + 1)
      t.fail(`frame ${frame.sequence} came after ${last}, ${frame.missed} missed`);
    last = frame.sequence;
    if (met() >= 20 || performance.now() > deadline) break;
  }
  t.ok(met() >= 20, `met ${met()} of ${last} frames`);
  t.ok(ticks > 0, 'timers had their turn');
});

t.test('a pause is waited for asleep', async (t) => {
  const ring = openTestRing({ name: 'still' });
  t.teardown(() => ring.close());
  const reader = await connect('still', { timeoutMs: 10_000, anticipate: true });
  t.teardown(() => reader.close());
  for (let index = 0; index < 40; index++) {
    ring.publish(new Uint8Array(size));
    reader.readSync(1000).release();
  }
  const { appointments = 0 } = reader.anticipation ?? {};
  const waiting = reader.read();
  await sleep(200);
  t.ok((reader.anticipation?.appointments ?? 0) <= appointments + 1, 'one frame is watched for once');
  ring.publish(new Uint8Array(size));
  (await waiting).release();
});

t.test('a frame that is held is not rehearsed over, and closing ends everything', async (t) => {
  const camera = await regularCamera('held');
  t.teardown(() => camera.close());
  const reader = await connect('held', { timeoutMs: 10_000, anticipate: true });
  const held = await until('a leased frame', async () => {
    const frame = await reader.read();
    if (frame.leased) return frame;
    frame.release(); // not a member yet
    return undefined;
  });
  const bytes = held.copy();
  for (let index = 0; index < 100; index++) reader.readSync(10_000).release();
  t.same(Buffer.from(held.data), bytes);
  t.ok(held.isIntact());
  const loop = (async () => {
    for await (const frame of reader.frames()) if (frame.sequence % 50 === 0) reader.close();
  })();
  await t.resolves(loop);
  t.ok(reader.closed);
});
