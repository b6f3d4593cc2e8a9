import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { connect, listRings, type RingReader } from '@camstream/consumer';
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

t.test(
  'a ring of another layout version is refused with both versions, a greater minor is read',
  async (t) => {
    const [major, minor] = [8, 10]; // in the file: docs/ring-format.md
    const path = `${root}/version/ring`;
    const ring = openTestRing({ name: 'version' });
    ring.publish(new Uint8Array(64).fill(7));
    const bytes = readFileSync(path);
    const leave = (field: number, version: number) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt16LE(version, field);
      writeFileSync(path, changed, { mode: 0o600 });
    };
    const reader = await open(t, 'version');
    (await reader.read(patience)).release();
    const waiting = reader.read();
    ring.close();
    leave(major, 2);
    const refusal = {
      code: 'RING_VERSION',
      message: /layout version 2\.\d+, this program reads 1\.x.*same release/,
    };
    await t.rejects(waiting, refusal);
    t.ok(reader.closed);
    await t.rejects(connect('version', patience), refusal);
    t.match(
      listRings().find(({ name }) => name === 'version'),
      { state: 'dead', error: refusal },
    );
    leave(minor, 9);
    const { info, sequence } = listRings().find(({ name }) => name === 'version') ?? {};
    t.match([info?.width, sequence], [64, 1], 'the fields that are known');
  },
);
