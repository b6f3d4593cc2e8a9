// Membership: it is asked for without holding up the event loop, and again until it is there.
import { readFileSync } from 'node:fs';
import { connect, type RingReader } from '@camstream/consumer';
import t from 'tap';
import { RingProducer } from '../support/ring-producer.js';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);
makeRingRoot();
const patience = { timeoutMs: 30_000 };
const picture = new Uint8Array(64 * 16).fill(1);

t.test('a reader refused for a while gets its leases without a frame lost', async (t) => {
  const ring = openTestRing({ name: 'refused', readers: 40 });
  t.teardown(() => ring.close());
  const readers: RingReader[] = [];
  for (let count = 0; count < 17; count++) {
    readers.push(await connect('refused', patience));
    await until('it is a member', () => ring.status().members === Math.min(count + 1, 16));
  }
  const last = readers.pop() as RingReader;
  t.teardown(() => last.close());
  const timer = setInterval(() => ring.publish(picture), 20);
  t.teardown(() => clearInterval(timer));
  let leased = false;
  let sequence = 0;
  for await (const frame of last.frames('every')) {
    if (sequence > 0) t.equal(frame.sequence, sequence + 1 + frame.missed);
    t.equal(frame.missed, 0);
    if (sequence === 0) {
      t.notOk(frame.leased, 'sixteen members of a user are let in');
      for (const reader of readers) reader.close();
    }
    sequence = frame.sequence;
    leased = frame.leased;
    if (leased) break;
  }
  t.ok(leased);
});

t.test('a producer that is stopped holds up nobody, and leases come when it goes on', async (t) => {
  const producer = await RingProducer.start(t, { name: 'stopped' });
  const before = await connect('stopped', patience);
  (await before.read(patience)).release();
  producer.signal('SIGSTOP');
  const { producerPid } = before.info;
  await until('it is stopped', () => / T /.test(readFileSync(`/proc/${producerPid}/stat`, 'utf8')));
  before.close();
  const start = performance.now();
  const opening = connect('stopped', patience);
  const blockedMs = performance.now() - start;
  const reader = await opening;
  t.teardown(() => reader.close());
  t.comment(`connect() took the event loop for ${blockedMs.toFixed(1)} ms`);
  t.ok(blockedMs < 400, 'the event loop is not held up for the 500 ms that an answer may take');
  const frame = await reader.read(patience);
  t.notOk(frame.leased, 'after half a second frames come without a lease');
  frame.release();
  producer.signal('SIGCONT');
  let leased = false;
  while (!leased) {
    const next = await reader.read(patience);
    leased = next.leased;
    next.release();
  }
  t.ok(leased);
  await producer.end('close');
});
