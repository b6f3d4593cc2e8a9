import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { Service, testConfig } from '../support/service.js';

// `check` says yes where the service starts, and starts again after a kill -9.

const program = resolve(import.meta.dirname, '../../../packages/producer/bin/camstream-producer.mjs');
const ringRoot = '/dev/shm/camstream-test';
const config = testConfig.replace('source: test', 'source: test, mode: { width: 640, height: 480 }');
const needsRoot = spawnSync('unshare', ['-m', 'true']).status === 0 ? {} : { skip: 'needs root' };

t.test(
  'what check wants is enough to start, and to start again',
  { ...needsRoot, timeout: 60_000 },
  async (t) => {
    const { needed } = check(t, []);
    const wrapper = await ownSharedMemory(t, needed);
    t.match(check(t, wrapper), { status: 0, needed });
    const first = await Service.start(t, { config, ringRoot, wrapper });
    t.match(check(t, wrapper), { status: 0, needed }, 'its own rings are no hindrance');
    first.kill('SIGKILL');
    await first.ending();
    t.match(check(t, wrapper), { status: 0, needed }, 'nor are those that it left behind');
    const second = await Service.start(t, { config, ringRoot, wrapper });
    t.match(await second.stop(), { code: 0 });
  },
);

t.test('with less than that check says how much is missing', needsRoot, async (t) => {
  const { needed } = check(t, []);
  const wrapper = await ownSharedMemory(t, needed - 1_000_000);
  const { status, text } = check(t, wrapper);
  t.equal(status, 1);
  t.match(
    text,
    /RING_NO_SPACE: wanted [\d.]+ MB, found [\d.]+ MB in the file system of \/dev\/shm\. Enlarge/,
  );
});

function check(t: Test, wrapper: readonly string[]): { status: number | null; needed: number; text: string } {
  const file = join(t.testdir({ 'camstream.yaml': config }), 'camstream.yaml');
  const args = [...wrapper, process.execPath, program, 'check', '--ring-root', ringRoot, '--config', file];
  const { status, stdout } = spawnSync(args[0] as string, args.slice(1), { encoding: 'utf8' });
  const needed = Number(/([\d.]+) MB while a ring is made anew/.exec(stdout)?.[1]);
  // Printed to a tenth.
  return { status, needed: needed * 1e6 + 100_000, text: stdout };
}

/** A /dev/shm of that size, and what to put before a command to run it there. */
async function ownSharedMemory(t: Test, bytes: number): Promise<readonly string[]> {
  const script = `mount -t tmpfs -o size=${bytes} tmpfs /dev/shm && echo mounted && exec sleep 600`;
  const holder = spawn('unshare', ['-m', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => holder.kill());
  await once(holder.stdout, 'data');
  return ['nsenter', '-t', String(holder.pid), '-m'];
}
