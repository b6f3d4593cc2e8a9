import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { buildCrashProducer, CrashProducer } from '../support/crash-producer.js';
import { type RingLeavings, ringLeavings } from '../support/left-behind.js';
import { NumberedReader } from '../support/numbered-reader.js';
import { makeRingRoot } from '../support/test-ring.js';
import { until } from '../support/until.js';

// At full numbers once, not again by every other Node.
const long = process.env.CAMSTREAM_LONG !== undefined && process.env.CAMSTREAM_OTHER_NODE === undefined;
const aimMs = 1000;
const rows: string[] = [];
t.setTimeout(long ? 3_600_000 : 180_000);

buildCrashProducer();
const root = makeRingRoot();
const readers = [new NumberedReader('latest'), new NumberedReader('every')];
t.teardown(() => Promise.all(readers.map((reader) => reader.close())));

/** How long each reader waited from the producer's first frame to its own first of it. */
async function waits(producer: CrashProducer): Promise<number[]> {
  const first = await producer.firstFrameNs();
  await until('every reader is served', () => readers.every((reader) => reader.producer === producer.pid));
  return readers.map((reader) => Math.max(0, Number(reader.servedNs - first) / 1e6));
}

/** What the readers have while there is no producer. */
async function atRest(): Promise<RingLeavings> {
  await until('every ring was let go', () => {
    const { removedRings, leasePages } = ringLeavings(root);
    return removedRings + leasePages === 0;
  });
  return ringLeavings(root);
}

function check(t: Test, what: string, rounds: number, found: number[]): void {
  found.sort((a, b) => a - b);
  const at = (share: number) => (found[Math.floor(share * (found.length - 1))] ?? 0).toFixed(1);
  const torn = readers.reduce((sum, reader) => sum + reader.torn, 0);
  rows.push(`| ${what} | ${rounds} | ${at(0.5)} | ${at(0.99)} | ${at(1)} | ${torn} |`);
  t.comment(rows.at(-1));
  t.ok(Number(at(1)) < 10 * aimMs, `served within ${at(1)} ms; we aim at ${aimMs}`);
  for (const reader of readers) t.equal(reader.torn, 0, `no torn frame among ${reader.frames}`);
  t.same(
    readdirSync(`${root}/camera`).filter((file) => !['ring', 'socket', 'lock'].includes(file)),
    [],
    'nothing to remove by hand',
  );
}

t.test('readers in JavaScript survive producers killed at random', async (t) => {
  const rounds = long ? 500 : 20;
  let producer = new CrashProducer(root);
  await waits(producer);
  const before = ringLeavings(root).descriptors;
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await sleep(Math.random() * 30);
    await producer.kill();
    producer = new CrashProducer(root);
    found.push(...(await waits(producer)));
  }
  check(t, 'at random', rounds, found);
  await until('no descriptor is left over', () => ringLeavings(root).descriptors <= before);
  await until('no removed ring is mapped', () => ringLeavings(root).removedRings === 0);
  t.equal(ringLeavings(root).leasePages, readers.length);
  await producer.kill();
});

for (const point of [
  'half_built',
  'listening',
  'renamed',
  'slot_entered',
  'half_written',
  'page_handed_over',
]) {
  t.test(`and producers that die at ${point}`, async (t) => {
    const rounds = long ? 20 : 1;
    const found: number[] = [];
    const before = await atRest();
    for (let round = 0; round < rounds; round++) {
      t.equal(await new CrashProducer(root, `${point}:1`).ended(), 'SIGKILL');
      const next = new CrashProducer(root);
      found.push(...(await waits(next)));
      await next.kill();
    }
    check(t, `at \`${point}\``, rounds, found);
    await atRest();
    await until('no descriptor is left over', () => ringLeavings(root).descriptors <= before.descriptors);
  });
}

t.test('the table of the long run', { skip: long ? false : 'npm run test:long writes it' }, async () => {
  const folder = fileURLToPath(new URL('../../../docs/results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const head = [
    '# kill -9 of the producer, readers in JavaScript',
    '',
    `Made on ${new Date().toISOString().slice(0, 10)} by ` +
      `\`npm run test:long\` with Node ${process.version}: one`,
    "reader of 'latest', one of 'every'. Waits in ms from the new producer's first frame to the reader's.",
    '',
    '| producer killed | rounds | p50 | p99 | max | torn frames |',
    '|---|---|---|---|---|---|',
  ];
  writeFileSync(`${folder}/crash-sdk.md`, `${[...head, ...rows].join('\n')}\n`);
});
