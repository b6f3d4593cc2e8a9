import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);
makeRingRoot();
const run = promisify(execFile);
const support = new URL('../support/test-ring.js', import.meta.url).href;
const consumer = new URL('../../../packages/consumer/dist/index.js', import.meta.url).href;

t.test('several workers read at once, and give everything back when they are ended', async (t) => {
  const ring = openTestRing({ name: 'workers', readers: 12 });
  let last = 0;
  const publish = () => {
    last = ring.publish(new Uint8Array(64).fill(last + 1));
  };
  const timer = setInterval(publish, 10);
  const modes = ['sync', 'async', 'hold', 'sync', 'async'] as const;
  const workers = modes.map((mode) => start(t, mode, 'workers'));
  const seen = await Promise.all(
    workers.map(async ({ worker, mode }) => {
      const frames: [number, number, boolean][] = [];
      worker.on('message', (frame) => frames.push(frame));
      await until(`${mode} has read`, () => frames.length >= (mode === 'hold' ? 1 : 20));
      return frames;
    }),
  );
  for (const frames of seen) {
    t.ok(frames.every(([sequence, byte, leased]) => byte === (sequence & 255) && leased));
    t.ok(frames.every(([sequence], index) => index === 0 || sequence > (frames[index - 1]?.[0] ?? 0)));
  }
  await Promise.all(workers.map(({ worker }) => worker.terminate()));
  clearInterval(timer);
  await until('all have left', () => {
    publish();
    return ring.status().members === 0;
  });
  t.equal(ring.status().leased, 0);
  ring.close();
});

t.test('a worker that waits can be ended', async (t) => {
  const ring = openTestRing({ name: 'idle' });
  for (const mode of ['wait', 'waitSync'] as const) {
    const { worker } = start(t, mode, 'idle');
    await once(worker, 'message');
    t.equal(await worker.terminate(), 1);
  }
  await until('both have left', () => ring.status().members === 0);
  ring.close();
});

t.test('workers can be ended at any moment while frames pour in', async (t) => {
  const ring = openTestRing({ name: 'pouring', readers: 12 });
  const timer = setInterval(() => {
    for (let index = 0; index < 5; index++) ring.publish(new Uint8Array(64));
  }, 1);
  for (let round = 0; round < 10; round++) {
    const workers = (['async', 'sync', 'async'] as const).map((mode) => start(t, mode, 'pouring').worker);
    await Promise.all(
      workers.map(async (worker, index) => {
        await once(worker, 'message');
        await sleep((round * 3 + index) % 7);
        await worker.terminate();
      }),
    );
  }
  clearInterval(timer);
  await until('all have left', () => ring.status().members === 0);
  t.equal(ring.status().leased, 0);
  ring.close();
});

t.test('a process stays for a frame it waits for, and else ends by itself', async (t) => {
  const ring = openTestRing({ name: 'exit' });
  const program = (then: string) => `
    const { connect } = await import('${consumer}');
    const reader = await connect('exit');
    ${then}`;
  await run(process.execPath, ['--input-type=module', '-e', program('')], { timeout: 60_000 });
  const waiting = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    program('console.log((await reader.read()).sequence)'),
  ]);
  t.teardown(() => waiting.kill('SIGKILL'));
  let output = '';
  waiting.stdout.on('data', (text) => {
    output += text;
  });
  await until('it is there', () => ring.status().members === 1);
  ring.publish(new Uint8Array(64));
  await once(waiting, 'exit');
  t.equal(output, '1\n');
  ring.close();
});

t.test('a frame that nobody releases is given back, with one warning', async (t) => {
  const ring = openTestRing({ name: 'leak', hold: 8 });
  const program = `
    const { connect } = await import('${consumer}');
    const reader = await connect('leak');
    for (let held = 0; held < 3; held++) { await reader.read(); console.log(held); }
    await reader.frames('every').next();
    const kept = await reader.read();
    const data = (await reader.read()).data;
    while (reader.held.frames > 2) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
    for (let round = 0; round < 5; round++) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
    console.log(kept.isIntact() && reader.held.frames === 2 && data.length > 0 ? 'kept' : 'lost');
    process.exit();`;
  const timer = setInterval(() => ring.publish(new Uint8Array(64)), 10);
  const { stdout, stderr } = await run(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', program],
    {
      timeout: 60_000,
    },
  );
  clearInterval(timer);
  t.equal(stdout, '0\n1\n2\nkept\n');
  t.equal(stderr.match(/FRAME_UNRELEASED/g)?.length, 1, stderr);
  ring.close();
});

t.test('opening, restarts and buffers in native hands leave no descriptor and no mapping', async (t) => {
  const program = `
    const { readdirSync, readFileSync } = await import('node:fs');
    const { connect } = await import('${consumer}');
    const { openTestRing } = await import('${support}');
    setInterval(() => undefined, 1000);
    let ring = openTestRing({ name: 'traces' });
    const count = async () => {
      for (let round = 0; round < 5; round++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const maps = readFileSync('/proc/self/maps', 'utf8').split('\\n');
      const ours = maps.filter((line) => /dev.shm|memfd:camstream/.test(line));
      return [readdirSync('/proc/self/fd').length, ours.length];
    };
    const use = async (reader, round) => {
      ring.publish(new Uint8Array(1024));
      const frame = await reader.read();
      if (round % 2) frame.data.buffer;
      return frame;
    };
    const before = await count();
    for (let round = 0; round < 50; round++) {
      const reader = await connect('traces');
      const frame = await use(reader, round);
      if (round % 3) frame.release();
      reader.close();
    }
    const reader = await connect('traces');
    for (let round = 0; round < 10; round++) {
      const frame = await use(reader, round);
      const restarted = new Promise((resolve) => reader.once('restarted', resolve));
      ring.close();
      ring = openTestRing({ name: 'traces' });
      await restarted;
      frame.release();
    }
    reader.close();
    console.log(JSON.stringify([before, await count()]));
    process.exit();`;
  const node = ['--expose-gc', '--input-type=module', '-e', program];
  const { stdout } = await run(process.execPath, node, { timeout: 60_000 });
  const [before, after] = JSON.parse(stdout);
  t.same(after, before, 'descriptors, and mappings of rings and lease pages');
});

function start(t: Test, mode: string, name: string): { worker: Worker; mode: string } {
  const worker = new Worker(new URL('./reading-worker.js', import.meta.url), { workerData: { name, mode } });
  t.teardown(() => worker.terminate());
  worker.on('error', (error) => t.error(error));
  return { worker, mode };
}
