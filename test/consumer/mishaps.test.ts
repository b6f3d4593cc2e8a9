// What goes wrong in the reader's own program, or around it: listeners that throw, options that cannot be,
// errors and close() at the wrong moment, folders that others made.

import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { connect, type Frame } from '@camstream/consumer';
import { loadRingAddon } from '@camstream/core';
import t, { type Test } from 'tap';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);
const root = makeRingRoot();
const patience = { timeoutMs: 30_000 };
const picture = new Uint8Array(64 * 16).fill(1);

/** The messages of exceptions that nobody catches, instead of tap's. */
function uncaught(t: Test): string[] {
  const before = process.listeners('uncaughtException');
  const messages: string[] = [];
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => messages.push(error.message));
  t.teardown(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  });
  return messages;
}

async function rig(t: Test, name: string) {
  const ring = openTestRing({ name });
  t.teardown(() => ring.close());
  const reader = await connect(name, patience);
  t.teardown(() => reader.close());
  return { ring, reader };
}

t.test('what a listener throws is an uncaught exception, and the reader goes on', async (t) => {
  const messages = uncaught(t);
  const { ring, reader } = await rig(t, 'listener');
  for (const event of ['stalled', 'recovered', 'restarted', 'gap', 'closed'] as const) {
    reader.on(event, () => {
      throw new Error(event);
    });
  }
  const loop = reader.frames('every');
  ring.publish(picture);
  t.equal((await loop.next()).value?.sequence, 1);
  for (let count = 0; count < 50; count++) ring.publish(picture);
  t.ok(((await loop.next()).value?.missed ?? 0) > 0, 'a loop goes on after a gap');
  await loop.return();
  (await reader.read(patience)).release();
  ring.setState('stalled');
  await until('stalled', () => messages.includes('stalled'));
  ring.setState('live');
  await until('recovered', () => messages.includes('recovered'));
  const waiting = reader.read(patience);
  ring.close();
  const next = openTestRing({ name: 'listener' });
  t.teardown(() => next.close());
  await until('restarted', () => messages.includes('restarted'));
  next.publish(picture);
  t.equal((await waiting).sequence, 1, 'a frame of the next ring comes');
  reader.close();
  await until('closed', () => messages.includes('closed'));
  t.same(messages.slice(0, 4), ['gap', 'stalled', 'recovered', 'restarted']);
});

t.test("what the addon's callback throws is an uncaught exception, too", async (t) => {
  const messages = uncaught(t);
  const ring = openTestRing({ name: 'callback' });
  t.teardown(() => ring.close());
  const meta = new BigUint64Array(16);
  let calls = 0;
  const native = loadRingAddon().openRing(root, 'callback', { register: true }, meta, () => {
    calls += 1;
    throw new Error(`call ${calls}`);
  });
  t.teardown(() => native.close());
  native.arm(0);
  ring.publish(picture);
  await until('the first', () => messages.includes('call 1'));
  native.arm(1);
  ring.publish(picture);
  await until('it is called again', () => messages.includes('call 2'));
});

t.test('readSync() without a timeout sleeps until there is a frame', async (t) => {
  const { ring, reader } = await rig(t, 'asleep');
  const worker = new Worker(new URL('./reading-worker.js', import.meta.url), {
    workerData: { name: 'asleep', mode: 'waitSync' },
  });
  t.teardown(() => worker.terminate());
  await once(worker, 'message');
  await until('both are members', () => ring.status().members === 2);
  await sleep(200);
  const before = process.cpuUsage();
  await sleep(1000);
  const { user, system } = process.cpuUsage(before);
  t.comment(`${((user + system) / 1000).toFixed(1)} ms of processor time a second`);
  t.ok(user + system < 200_000, 'as good as no processor time');
  reader.close();
});

t.test('wrong options are refused by the call they were given to', async (t) => {
  const { ring, reader } = await rig(t, 'options');
  const refused = { name: 'CamstreamError', code: 'OPTION_INVALID' };
  for (const wrong of [Number.NaN, -1, 'abc', null, 1n, {}, true]) {
    const timeoutMs = wrong as number;
    await t.rejects(connect('options', { timeoutMs }), { ...refused, message: /^connect\(\): timeoutMs/ });
    await t.rejects(reader.read({ timeoutMs }), { ...refused, message: /^read\(\): timeoutMs/ });
    t.throws(() => reader.readSync(timeoutMs), { ...refused, message: /^readSync\(\): timeoutMs/ });
  }
  const slip = { timeoutMS: 5 } as object;
  await t.rejects(connect('options', slip), { ...refused, message: /no option "timeoutMS"/ });
  const anticipate = 1 as unknown as boolean;
  await t.rejects(connect('options', { anticipate }), { ...refused, message: /anticipate is true or false/ });
  const signal = { aborted: false } as AbortSignal;
  await t.rejects(connect('options', { signal }), { ...refused, message: /signal/ });
  await t.rejects(reader.read({ signal }), { ...refused, message: /signal/ });
  t.throws(() => reader.frames('latest', { signal }), { ...refused, message: /signal/ });
  for (const timeoutMs of [2 ** 31, 1e300, Number.POSITIVE_INFINITY]) {
    const waiting = reader.read({ timeoutMs });
    await sleep(20);
    const sequence = ring.publish(picture);
    t.equal((await waiting).sequence, sequence, `${timeoutMs} ms are not 1 ms`);
  }
});

t.test('an error that ends the reader reaches a loop that is busy meanwhile', async (t) => {
  const { ring, reader } = await rig(t, 'version');
  const file = `${root}/version/ring`;
  ring.publish(picture);
  const header = readFileSync(file);
  const loop = async () => {
    for await (const frame of reader.frames()) {
      t.equal(frame.sequence, 1);
      ring.close();
      header.writeUInt16LE(header.readUInt16LE(8) + 1, 8); // the layout's major version
      writeFileSync(file, header, { mode: 0o600 });
      await until('it is noticed', () => reader.closed);
    }
  };
  await t.rejects(loop(), { code: 'RING_VERSION', message: /version/ });
  await t.rejects(reader.read(), { code: 'RING_VERSION' });
  await t.rejects(connect('version', { timeoutMs: 0 }), { code: 'RING_VERSION' });
});

t.test('no loop gets a frame that another has given back by close()', async (t) => {
  const { ring, reader } = await rig(t, 'race');
  const lengths: number[] = [];
  const loop = async () => {
    for await (const frame of reader.frames()) {
      lengths.push(frame.data.length);
      reader.close();
    }
  };
  const loops = [loop(), loop(), loop()];
  const read = reader.read();
  const refused = t.rejects(read, { code: 'RING_CLOSED' });
  ring.publish(picture);
  await Promise.all(loops);
  await refused;
  t.same(lengths, [picture.length]);
});

t.test('calls of next() that overlap are answered in turn, and each frame is given back', async (t) => {
  const { ring, reader } = await rig(t, 'turns');
  const loop = reader.frames('every');
  const calls = [loop.next(), loop.next(), loop.next()];
  const seen: (Frame | undefined)[] = [];
  for (const call of calls) {
    ring.publish(picture);
    seen.push((await call).value);
  }
  t.same(
    seen.map((frame) => frame?.sequence),
    [1, 2, 3],
  );
  await loop.return();
  t.equal(reader.held.frames, 0);
});

t.test('a ring that is out of reach for a moment is the same ring afterwards', async (t) => {
  const { ring, reader } = await rig(t, 'moved');
  let restarts = 0;
  reader.on('restarted', () => {
    restarts += 1;
  });
  const loop = reader.frames('every');
  ring.publish(picture);
  t.match(await loop.next(), { value: { sequence: 1, missed: 0 } });
  ring.publish(picture);
  t.match(await loop.next(), { value: { sequence: 2, missed: 0 } });
  const next = loop.next();
  renameSync(`${root}/moved`, `${root}/away`);
  await until('the reader has left it', () => reader.lag.newestAgeMs === Number.POSITIVE_INFINITY);
  for (let count = 0; count < 2; count++) ring.publish(picture);
  renameSync(`${root}/away`, `${root}/moved`);
  t.match(await next, { value: { sequence: 3, missed: 0 } });
  t.match(await loop.next(), { value: { sequence: 4, missed: 0 } });
  t.equal(restarts, 0);
});

const noRoot = spawnSync('unshare', ['-m', 'true']).status !== 0 && 'needs root';
t.test("another user's folder in the place of the system's is no obstacle", { skip: noRoot }, async (t) => {
  const program = `
    const { mkdirSync, chownSync } = await import('node:fs');
    mkdirSync('/dev/shm/camstream');
    chownSync('/dev/shm/camstream', 65534, 65534);
    delete process.env.CAMSTREAM_RING_ROOT;
    const { connect, listRings } = await import('${dist('../../packages/consumer/dist/index.js')}');
    const { openTestRing } = await import('${dist('./support/test-ring.js')}');
    await connect('own', { timeoutMs: 0 }).catch(({ code, message }) => console.log(code, message));
    const opening = connect('own', { timeoutMs: 30_000 });
    process.env.CAMSTREAM_RING_ROOT = '/dev/shm/camstream-0';
    const ring = openTestRing({ name: 'own' });
    delete process.env.CAMSTREAM_RING_ROOT;
    console.log((await opening).name);
    console.log(listRings().map(({ name, path, error }) => [name, path, error?.code].join()).join(' '));
    process.exit();`;
  const node = [process.execPath, '--input-type=module', '-e', program];
  const inside = 'mount -t tmpfs -o mode=1777 none /dev/shm && exec "$@"';
  const run = promisify(execFile);
  const { stdout } = await run('unshare', ['-m', 'sh', '-c', inside, 'sh', ...node], { timeout: 60_000 });
  const [timeout, name, listed] = stdout.trim().split('\n');
  t.match(timeout, /^RING_TIMEOUT .*\/dev\/shm\/camstream.*65534/);
  t.equal(name, 'own');
  t.equal(
    listed,
    'own,/dev/shm/camstream-0/own, ,/dev/shm/camstream,RING_ROOT_UNTRUSTED',
    'own rings are listed, the folder says why it is not',
  );
});

/** A file of test/dist or beside it, for a program of its own. */
function dist(path: string): string {
  return new URL(path, new URL('../', import.meta.url)).href;
}
