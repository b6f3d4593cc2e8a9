import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect } from '@camstream/consumer';
import t from 'tap';
import { makeRingRoot, noise, openTestRing } from '../support/test-ring.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);
const root = makeRingRoot();
const program = fileURLToPath(
  new URL('../../../packages/consumer/bin/camstream-inspect.mjs', import.meta.url),
);

/** Runs camstream-inspect to its end. */
function inspect(...args: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { timeout: 60_000 }, (_error, out, errors) =>
      resolve({ code: child.exitCode, out, errors }),
    );
  });
}

t.test('without a ring it says how to get one', async (t) => {
  t.match(await inspect(), { code: 0, out: /^No rings\..*npm start/, errors: '' });
});

t.test('it shows what there is: picture, rate, age, readers and leases', async (t) => {
  const ring = openTestRing({ name: 'shown', format: 'nv12', width: 32, height: 16, rate: 25, readers: 3 });
  const timer = setInterval(() => ring.publish(new Uint8Array(768)), 20);
  const reader = await connect('shown');
  const frame = (await reader.read()).keep();
  await until('the header tells of the lease', () => ring.status().leased === 1);
  let report: Record<string, unknown> = {};
  for (let attempt = 0; attempt < 10 && report.leased !== 1; attempt++) {
    const { code, out } = await inspect('shown', '--json');
    t.equal(code, 0);
    report = JSON.parse(out);
  }
  t.match(report, {
    name: 'shown',
    path: `${root}/shown`,
    state: 'live',
    error: null,
    width: 32,
    height: 16,
    format: 'nv12',
    nominalRate: 25,
    readers: 1,
    leased: 1,
    leaseSlots: 3,
    producerPid: process.pid,
    ringId: reader.info.ringId,
  });
  t.ok(Number(report.measuredRate) > 1, 'the rate is measured');
  t.ok(Number(report.newestAgeMs) < 30_000);
  const { out } = await inspect();
  t.match(out, /^RING .*\nshown +live +32x16 nv12 +bt601\/limited +[\d.]+\/s +25\/s .* 1 of 3 /);
  clearInterval(timer);
  frame.release();
  reader.close();
  ring.close();
});

t.test('a ring that cannot be read is told with its code, and exits with 1', async (t) => {
  const ring = openTestRing({ name: 'broken' });
  ring.close();
  writeFileSync(`${root}/broken/ring`, noise(8192, 1), { mode: 0o600 });
  const { code, out } = await inspect();
  t.equal(code, 1);
  t.match(out, /broken +dead[\s\S]*broken: RING_(CORRUPT|VERSION): /);
  rmSync(`${root}/broken`, { recursive: true });
  t.match(await inspect('broken'), { code: 1, out: '', errors: /^RING_NOT_FOUND: .*'broken'/ });
});

t.test('wrong usage is 2, help is 0', async (t) => {
  t.match(await inspect('--nonsense'), { code: 2, errors: /^USAGE: .*--help/ });
  t.match(await inspect('a', 'b'), { code: 2, errors: /^USAGE: wanted one ring/ });
  t.match(await inspect('--raw'), { code: 2, errors: /^USAGE: --raw wants/ });
  t.match(await inspect('a', '--raw', '--json'), { code: 2, errors: /^USAGE: --raw goes/ });
  t.match(await inspect('../a'), { code: 2, errors: /^RING_NAME: / });
  t.match(await inspect('--help'), { code: 0, out: /^Usage: camstream-inspect/, errors: '' });
});

t.test('--raw writes frame after frame, and ends quietly when nobody reads on', async (t) => {
  const ring = openTestRing({ name: 'raw' });
  const size = 64 * 16;
  let last = 0;
  const timer = setInterval(() => {
    last = ring.publish(new Uint8Array(size).fill(last + 1));
  }, 10);
  const child = spawn(process.execPath, [program, 'raw', '--raw']);
  t.teardown(() => child.kill('SIGKILL'));
  const bytes: number[] = [];
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  child.stdout.on('data', (chunk: Buffer) => bytes.push(...chunk));
  await until('some frames were written', () => bytes.length > 5 * size);
  const exit = once(child, 'exit');
  child.stdout.destroy();
  t.same(await exit, [0, null]);
  t.equal(errors, '');
  const frames = Array.from({ length: 5 }, (_, index) => bytes.slice(index * size, (index + 1) * size));
  for (const [index, frame] of frames.entries()) {
    t.ok(frame.every((byte) => byte === frame[0]) && frame[0] === (((frames[0]?.[0] ?? 0) + index) & 255));
  }
  clearInterval(timer);
  ring.close();
});

t.test('--watch shows again until it is told to stop', async (t) => {
  const ring = openTestRing({ name: 'watched' });
  const child = spawn(process.execPath, [program, 'watched', '--watch', '--json']);
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  await until('it was shown twice', () => out.split('\n').length > 2);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  t.same(await exit, [0, null]);
  ring.close();
});
