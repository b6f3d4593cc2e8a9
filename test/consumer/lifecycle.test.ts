import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { connect, type RingReader } from '@camstream/consumer';
import t, { type Test } from 'tap';
import { RingProducer } from '../support/ring-producer.js';
import { makeRingRoot, noise, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);
const root = makeRingRoot();
const run = promisify(execFile);
const consumer = new URL('../../../packages/consumer/dist/index.js', import.meta.url).href;
const patience = { timeoutMs: 60_000 };

async function open(t: Test, name: string): Promise<RingReader> {
  const reader = await connect(name, patience);
  t.teardown(() => reader.close());
  return reader;
}

function eventsOf(reader: RingReader): string[] {
  const events: string[] = [];
  reader.on('stalled', ({ reason }) => events.push(`stalled: ${reason}`));
  reader.on('recovered', () => events.push('recovered'));
  reader.on('restarted', (info) => events.push(`restarted: ${info.width}x${info.height}`));
  reader.on('closed', (error) => events.push(`closed: ${error?.code}`));
  return events;
}

t.test('connect waits for a ring that appears later, for so long or until a signal', async (t) => {
  const opening = connect('later', patience);
  await t.rejects(connect('later', { timeoutMs: 60 }), {
    code: 'RING_TIMEOUT',
    message: /'later'.*60 ms.*no ring at all/,
  });
  const stop = new AbortController();
  const stopped = connect('later', { signal: stop.signal });
  stop.abort(new Error('enough'));
  await t.rejects(stopped, { message: 'enough' });
  await t.rejects(connect('later', { signal: stop.signal }), { message: 'enough' });
  const ring = openTestRing({ name: 'later' });
  const reader = await opening;
  t.equal(reader.name, 'later');
  await t.rejects(connect('other', { timeoutMs: 0 }), { code: 'RING_TIMEOUT', message: /Found later\./ });
  reader.close();
  ring.close();
});

for (const how of ['kill', 'close'] as const) {
  t.test(`a reader goes on with the next producer after ${how}`, async (t) => {
    const name = `restart-${how}`;
    const first = await RingProducer.start(t, { name, rate: 0 });
    const reader = await open(t, name);
    const events = eventsOf(reader);
    const frames = reader.frames('every');
    first.publish(1);
    const held = (await frames.next()).value?.keep();
    first.publish(3);
    await until('three more are there', () => reader.lag.frames === 4);
    await first.end(how);
    let [seen, missed] = [0, 0];
    let next = frames.next();
    const second = await RingProducer.start(t, { name, width: 32, height: 32, rate: 0 });
    await until('it is noticed', () => events.some((event) => event.startsWith('restarted')));
    second.publish(2);
    let frame = (await next).value;
    for (; frame && frame.width !== 32; frame = (await next).value) {
      seen += 1;
      missed += frame.missed;
      next = frames.next();
    }
    t.match(frame, { sequence: 1, width: 32, height: 32, leased: true });
    t.equal(seen + missed + (frame?.missed ?? 0), 3, 'what the old ring still had was given or counted');
    t.match([held?.data[0], held?.width, held?.isIntact()], [1, 64, true], 'a frame of the old ring stays');
    t.same(
      events.filter((event) => event.startsWith('restarted')),
      ['restarted: 32x32'],
    );
    t.equal(reader.info.width, 32);
    held?.release();
    await frames.return();
    await second.end('close');
  });
}

t.test('a reader tells when the source stalls, when it recovers, and when no producer is left', async (t) => {
  const ring = openTestRing({ name: 'stall' });
  const reader = await open(t, 'stall');
  const events = eventsOf(reader);
  ring.setState('stalled');
  await until('stalled', () => events.length === 1);
  await t.rejects(reader.read({ timeoutMs: 20 }), { code: 'FRAME_TIMEOUT', message: /waits for its camera/ });
  ring.setState('live');
  await until('recovered', () => events.length === 2);
  ring.close();
  await until('no producer', () => events.length === 3);
  await t.rejects(reader.read({ timeoutMs: 20 }), { code: 'FRAME_TIMEOUT', message: /no producer/ });
  t.throws(() => reader.readSync(20), { code: 'FRAME_TIMEOUT', message: /no producer/ });
  const again = openTestRing({ name: 'stall' });
  again.publish(new Uint8Array(64));
  t.equal((await reader.read(patience)).sequence, 1);
  t.same(events, ['stalled: source', 'recovered', 'stalled: producer', 'restarted: 64x16', 'recovered']);
  again.close();
  const third = openTestRing({ name: 'stall' });
  third.publish(new Uint8Array(64));
  t.equal(reader.readSync(60_000).sequence, 1, 'readSync finds the next producer, too');
  third.close();
});

t.test('a producer that is stopped is stalled, and goes on where it was', async (t) => {
  const producer = await RingProducer.start(t, { name: 'stopped' });
  const reader = await open(t, 'stopped');
  const events = eventsOf(reader);
  (await reader.read(patience)).release();
  producer.signal('SIGSTOP');
  await until('its heart has stopped', () => events.length === 1);
  producer.signal('SIGCONT');
  await until('it beats again', () => events.length === 2);
  (await reader.read(patience)).release();
  t.same(events, ['stalled: heartbeat', 'recovered']);
  await producer.end('close');
});

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

t.test('a reader too many reads without leases, and is told why', async (t) => {
  const ring = openTestRing({ name: 'many', readers: 2 });
  const warnings: string[] = [];
  const note = (warning: Error & { code?: string }) => warnings.push(`${warning.code}: ${warning.message}`);
  process.on('warning', note);
  const readers = await Promise.all(Array.from({ length: 20 }, () => open(t, 'many')));
  ring.publish(new Uint8Array(64).fill(1));
  const frames = await Promise.all(readers.map((reader) => reader.read(patience)));
  t.equal(frames.filter((frame) => frame.leased).length, 2);
  t.ok(frames.every((frame) => frame.data[0] === 1 && frame.isIntact()));
  await until('the warnings are there', () => warnings.length > 0);
  t.match(warnings[0], /^RING_UNREGISTERED: Ring 'many' is read without leases: /);
  process.off('warning', note);
  const waiting = readers.map((reader) => reader.read(patience));
  ring.publish(new Uint8Array(64).fill(2));
  t.ok(
    (await Promise.all(waiting)).every((frame) => frame.sequence === 2),
    'they are woken, too',
  );
  ring.close();
});

t.test(
  'without permission the error names the group to join',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async (t) => {
    const ring = openTestRing({ name: 'private' });
    chmodSync(root, 0o755);
    const program = `
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const { connect } = await import('${consumer}');
    const show = (error) => console.log(error.name, error.code, error.message);
    await connect('private', { timeoutMs: 30000 }).catch(show);
    process.exit();`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 60_000,
    });
    t.match(stdout, /^CamstreamError RING_PERMISSION .*group/);
    ring.close();
  },
);

t.test('a ring of rubbish is refused at once, and ends those who wait for the next one', async (t) => {
  const ring = openTestRing({ name: 'rubbish' });
  const reader = await open(t, 'rubbish');
  const events = eventsOf(reader);
  const waiting = reader.read();
  const looping = reader.frames().next();
  ring.close();
  writeFileSync(`${root}/rubbish/ring`, noise(8192, 1), { mode: 0o600 });
  await t.rejects(waiting, { name: 'CamstreamError', code: /^RING_(CORRUPT|VERSION)$/ });
  await t.rejects(looping, { code: /^RING_(CORRUPT|VERSION)$/ });
  t.ok(reader.closed);
  t.match(events.at(-1), /^closed: RING_(CORRUPT|VERSION)$/);
  await t.rejects(connect('rubbish'), { code: /^RING_(CORRUPT|VERSION)$/ });
  await t.rejects(connect('rubbish', { timeoutMs: 0 }), { code: /^RING_(CORRUPT|VERSION)$/ });
});

t.test('opening, restarts and buffers in native hands leave no descriptor and no mapping', async (t) => {
  const program = `
    const { readdirSync, readFileSync } = await import('node:fs');
    const { connect } = await import('${consumer}');
    const { openTestRing } = await import('${new URL('../support/test-ring.js', import.meta.url).href}');
    setInterval(() => undefined, 1000);
    let ring = openTestRing({ name: 'traces' });
    const count = async () => {
      for (let round = 0; round < 5; round++) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
      const ours = readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => /dev.shm|memfd:camstream/.test(line));
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
