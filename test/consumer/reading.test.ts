import { once } from 'node:events';
import { connect, listRings } from '@camstream/consumer';
import t, { type Test } from 'tap';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

const size = 64 * 16;
makeRingRoot();

/** A ring and a reader of it, closed when the test ends. */
async function rig(test: Test, name: string, options: Parameters<typeof openTestRing>[0] = {}) {
  const ring = openTestRing({ ...options, name });
  test.teardown(() => ring.close());
  const reader = await connect(name, { timeoutMs: 30_000 });
  test.teardown(() => reader.close());
  let last = 0;
  const publish = (count = 1) => {
    for (let index = 0; index < count; index++) last = ring.publish(new Uint8Array(size).fill(last + 1));
  };
  return { ring, reader, publish };
}

t.test('a frame shows the picture, where it lies, and when it was taken', async (t) => {
  const { ring, reader } = await rig(t, 'picture', { format: 'nv12', width: 16, height: 8 });
  const bytes = Uint8Array.from({ length: 16 * 12 }, (_, index) => index);
  ring.publish(bytes, { capturedAtNs: 123_456_789_012n, flags: 5, droppedBefore: 2 });
  const frame = await reader.read();
  t.same(Buffer.from(frame.data), Buffer.from(bytes));
  t.match(frame, {
    sequence: 1,
    missed: 0,
    droppedBefore: 2,
    leased: true,
    width: 16,
    height: 8,
    format: 'nv12',
  });
  t.equal(frame.capturedAtNs, 123_456_789_012n);
  t.ok(process.hrtime.bigint() - frame.publishedAtNs < 60_000_000_000n, 'published just now');
  t.same(frame.flags, { corrupt: true, discontinuity: false, estimatedTime: true });
  t.match(
    frame.planes.map((plane) => [plane.data.length, plane.stride, plane.rows, plane.data[0]]),
    [
      [128, 16, 8, 0],
      [64, 16, 4, 128],
    ],
  );
  t.ok(frame.data instanceof Uint8Array);
  t.equal(frame.data, frame.data, 'the same view each time');
  t.equal(frame.data.buffer, frame.data.buffer);
  t.same(frame.data.subarray(-3, -1), Buffer.from([189, 190]));
  t.same(frame.data.slice(0, 2), new Uint8Array([0, 1]));
  const copy = frame.copy();
  copy[0] = 99;
  t.equal(frame.data[0], 0, 'the copy is one of our own');
});

t.test('after release the bytes have length 0 everywhere, and asking for more fails clearly', async (t) => {
  const { reader, publish } = await rig(t, 'late');
  publish();
  const frame = await reader.read();
  const [data, part, plane] = [frame.data, frame.data.subarray(2, 9), frame.planes[0]?.data];
  t.ok(frame.isIntact());
  frame.release();
  frame.release();
  t.equal(data.length, 0);
  t.equal(part.length, 0);
  t.equal(plane?.length, 0);
  t.equal(frame.data.length, 0);
  t.notOk(frame.isIntact());
  t.throws(() => frame.copy(), { name: 'CamstreamError', code: 'FRAME_RELEASED' });
  t.throws(() => data.buffer, { code: 'FRAME_RELEASED' });
  await t.rejects(
    frame.lend(async () => undefined),
    { code: 'FRAME_RELEASED' },
  );
  publish();
  const unseen = await reader.read();
  unseen.release();
  t.equal(unseen.data.length, 0, 'also if the bytes were never looked at before');
});

t.test('latest gives the newest and says what was skipped', async (t) => {
  const { reader, publish } = await rig(t, 'latest');
  publish(3);
  const seen: unknown[] = [];
  for await (const frame of reader.frames()) {
    seen.push([frame.sequence, frame.missed, frame.data[0], frame.leased]);
    if (seen.length === 3) break;
    publish(seen.length === 1 ? 1 : 5);
  }
  t.same(seen, [
    [3, 0, 3, true],
    [4, 0, 4, true],
    [9, 4, 9, true],
  ]);
});

t.test('a loop that never catches up leaves the event loop its turns', async (t) => {
  const { ring, publish, reader } = await rig(t, 'behind');
  publish(2);
  const lasting = 500;
  let [turns, frames, started] = [0, 0, 0];
  const timer = setInterval(() => turns++, 1);
  t.teardown(() => clearInterval(timer));
  for await (const _frame of reader.frames('every')) {
    if (++frames === 2) [turns, started] = [0, performance.now()];
    publish(); // one is always there before it is asked for
    if (frames > 2 && performance.now() - started > lasting) break;
  }
  t.ok(turns >= 2, `${turns} turns in ${lasting} ms and ${frames} frames`);
  t.equal(ring.status().published, frames + 2);
});

t.test('every gives each in turn, and counts what was overwritten before', async (t) => {
  const { ring, reader, publish } = await rig(t, 'every');
  const gaps: unknown[] = [];
  reader.on('gap', (gap) => gaps.push(gap));
  publish(2);
  const seen: number[] = [];
  let missed = 0;
  for await (const frame of reader.frames('every')) {
    t.equal(frame.data[0], frame.sequence & 255);
    seen.push(frame.sequence);
    missed += frame.missed;
    if (frame.sequence === 2) publish(4);
    if (frame.sequence === 6) publish(100);
    if (frame.sequence === 106) break;
  }
  t.same(seen.slice(0, 5), [2, 3, 4, 5, 6], 'begins with the newest, then each');
  t.equal(seen.length + missed, 105, 'every frame was seen or counted');
  t.ok(seen.length >= 5 + ring.info().slotCount - 3, 'history was read');
  t.same(gaps, [{ missed, sequence: seen[5] }]);
});

t.test('each loop and read() have a place of their own in the ring', async (t) => {
  const { reader, publish } = await rig(t, 'places');
  publish();
  const [one, two] = [reader.frames('every'), reader.frames('every')];
  const first = (await one.next()).value;
  publish();
  const second = (await one.next()).value;
  t.match([first?.sequence, second?.sequence], [1, 2]);
  t.equal((await two.next()).value?.sequence, 2);
  t.equal((await reader.read()).sequence, 2);
  const both = [one.next(), two.next(), reader.read()];
  publish();
  t.match(await Promise.all(both), [{ value: { sequence: 3 } }, { value: { sequence: 3 } }, { sequence: 3 }]);
  await one.return();
  t.match(await one.next(), { done: true });
});

t.test('the loop releases each frame unless it is kept', async (t) => {
  const { reader, publish } = await rig(t, 'kept', { hold: 3 });
  publish();
  const kept = [];
  let last: Uint8Array | undefined;
  for await (const frame of reader.frames()) {
    t.equal(last?.length ?? 0, 0, 'the one before was released');
    if (kept.length < 2) kept.push(frame.keep());
    else last = frame.data;
    if (frame.sequence === 5) break;
    publish();
  }
  t.equal(last?.length, 0, 'leaving the loop releases, too');
  t.same(reader.held.frames, 2);
  publish(50);
  t.same(
    kept.map((frame) => [frame.data[0], frame.isIntact(), frame.leased]),
    [
      [1, true, true],
      [2, true, true],
    ],
  );
  for (const frame of kept) frame[Symbol.dispose]();
  t.same(reader.held.frames, 0);
});

t.test('a frame beyond the leases says that it has none, and whether it was overwritten', async (t) => {
  const { reader, publish } = await rig(t, 'unleased');
  publish();
  const held = await reader.read();
  publish();
  const frame = await reader.read();
  t.match([held.leased, frame.leased], [true, false]);
  t.ok(frame.isIntact());
  t.equal(frame.copy()[0], 2);
  publish(50);
  t.notOk(frame.isIntact());
  t.throws(() => frame.copy(), { code: 'FRAME_OVERWRITTEN' });
  t.throws(() => frame.data.buffer, { code: 'FRAME_OVERWRITTEN' });
  t.ok(held.isIntact());
  t.equal(held.data[5], 1);
});

t.test('a frame held for longer than the lease timeout stays true, as a copy', async (t) => {
  const { reader, publish } = await rig(t, 'old', { leaseTimeoutMs: 600 });
  publish();
  const frame = await reader.read();
  const data = frame.data;
  await until('the frame has become a copy', () => reader.held.copies === 1);
  publish(50);
  t.equal(data[7], 1);
  t.ok(frame.isIntact());
  t.equal((await reader.read()).leased, true, 'the lease is free again');
});

t.test('waiting: a timeout, a signal and close() end it, each in its way', async (t) => {
  const { reader, publish } = await rig(t, 'waiting');
  await t.rejects(reader.read({ timeoutMs: 20 }), {
    code: 'FRAME_TIMEOUT',
    message: /waiting.*20 ms.*published none/,
  });
  t.throws(() => reader.readSync(20), { code: 'FRAME_TIMEOUT' });
  const stop = new AbortController();
  const reading = reader.read({ signal: stop.signal });
  const looping = reader.frames('latest', { signal: stop.signal }).next();
  stop.abort(new Error('enough'));
  await t.rejects(reading, { message: 'enough' });
  await t.rejects(looping, { message: 'enough' });
  await t.rejects(reader.read({ signal: stop.signal }), { message: 'enough' }, 'aborted before');
  const later = reader.read({ timeoutMs: 30_000 });
  publish();
  t.equal((await later).sequence, 1, 'a reader that gave up before still gets frames');
  publish();
  t.equal(reader.readSync(1000).sequence, 2);
  const frame = (await reader.frames().next()).value;
  const kept = await connect('waiting', { timeoutMs: 30_000 }).then(async (other) => {
    const data = (await other.read()).data;
    other.close();
    return data;
  });
  t.equal(kept.length, 0, 'close() gives back what read() gave');
  const [ended, refused] = [reader.frames('every'), reader.read()];
  await ended.next();
  const end = ended.next();
  const closed = once(reader as never, 'closed');
  reader.close();
  reader.close();
  t.same(await closed, [undefined]);
  t.match(await end, { done: true }, 'a loop ends');
  await t.rejects(refused, { code: 'RING_CLOSED' });
  await t.rejects(reader.read(), { code: 'RING_CLOSED' });
  t.equal(frame?.data.length, 0, 'frames are given back');
  t.ok(reader.closed);
});

t.test('lag counts the frames that were not read yet', async (t) => {
  const { reader, publish } = await rig(t, 'lag');
  t.same(reader.lag, { frames: 0, newestAgeMs: Number.POSITIVE_INFINITY });
  publish();
  (await reader.read()).release();
  publish(4);
  t.match(reader.lag, { frames: 4 });
  t.ok(reader.lag.newestAgeMs < 60_000);
});

t.test('one process may open a ring many times', async (t) => {
  const { reader, publish } = await rig(t, 'often');
  const readers = await Promise.all([1, 2, 3].map(() => connect('often', { timeoutMs: 30_000 })));
  publish();
  const frames = await Promise.all([reader, ...readers].map((each) => each.read()));
  t.same(
    frames.map((frame) => [frame.sequence, frame.data[0], frame.leased]),
    frames.map(() => [1, 1, true]),
  );
  for (const each of readers) each.close();
  publish(50);
  t.equal(frames[0]?.data[0], 1);
  t.ok(frames[0]?.isIntact());
});

t.test('names and options that cannot be are refused', async (t) => {
  for (const name of ['', '../up', '.hidden', 'a/b', 'x'.repeat(64), 7, undefined]) {
    await t.rejects(connect(name as string), { name: 'CamstreamError', code: 'RING_NAME' });
  }
  await t.rejects(connect('x', { timeoutMs: -1 }), { code: 'OPTION_INVALID' });
  const { reader } = await rig(t, 'options');
  t.throws(() => reader.frames('newest' as 'latest'), { code: 'OPTION_INVALID', message: /newest/ });
});

t.test('listRings tells what there is', async (t) => {
  const { publish } = await rig(t, 'listed', { width: 32, height: 32, rate: 25 });
  publish();
  const listed = listRings().find((ring) => ring.name === 'listed');
  t.match(listed, {
    live: true,
    state: 'live',
    sequence: 1,
    info: { width: 32, height: 32, rate: 25, format: 'gray8' },
  });
  t.ok((listed?.newestAgeMs ?? Number.POSITIVE_INFINITY) < 60_000);
});
