import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { CaptureRig, type RunningCapture } from '../support/capture-rig.js';
import { FrameHolder } from '../support/frame-holder.js';

// Readers in other processes that hold a frame for long: asleep, or stopped altogether.

const long = process.env.CAMSTREAM_LONG !== undefined;
const rounds = long ? 40 : 3;
const holdMs = 500;
const leaseTimeoutMs = 2500;
const source = { kind: 'test', width: 640, height: 480, rate: 60 } as const;
t.setTimeout(240_000);
const rig = new CaptureRig(t);
const run = promisify(execFile);
const inspect = fileURLToPath(
  new URL('../../../packages/consumer/bin/camstream-inspect.mjs', import.meta.url),
);
const rows: string[] = [];

/** What the writer did while `during` ran. */
interface Writing {
  readonly published: number;
  readonly lost: number;
  readonly seconds: number;
}

async function writing(camera: RunningCapture, during: () => Promise<unknown>): Promise<Writing> {
  const [before, begin] = [camera.native.status(), performance.now()];
  await during();
  const after = camera.native.status();
  return {
    published: after.published - before.published,
    lost: after.framesDropped - before.framesDropped,
    seconds: (performance.now() - begin) / 1000,
  };
}

function sumOf(parts: readonly Writing[]): Writing {
  const sum = (of: (part: Writing) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    published: sum((part) => part.published),
    lost: sum((part) => part.lost),
    seconds: sum((part) => part.seconds),
  };
}

/** A writer that a reader holds up loses all frames of that time; a machine that does much else, some. */
function undisturbed(t: Test, what: string, during: Writing, alone: Writing): void {
  const share = ({ published, lost }: Writing) => lost / (published + lost);
  const text = ({ published, lost, seconds }: Writing) =>
    `${(published / seconds).toFixed(1)}/s, ${lost} lost of ${published + lost}`;
  t.comment(`${what}: ${text(during)}; alone: ${text(alone)}`);
  t.ok(share(during) <= share(alone) + (long ? 0.1 : 0.25), 'the writer is undisturbed');
  rows.push(`| ${what} | ${rounds} x ${holdMs} ms | ${text(during)} | ${text(alone)} |`);
}

t.test('a reader that sleeps on a leased frame keeps its bytes, and the writer its rate', async (t) => {
  const camera = await rig.capture('asleep', source);
  const holder = await FrameHolder.start(t, 'asleep');
  const [held, alone]: [Writing[], Writing[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    t.match(await holder.take(), { leased: true });
    const while_ = await writing(camera, () => holder.sleep(holdMs));
    t.match(await holder.look(), { same: true, intact: true, copyError: '' });
    t.ok(while_.published > camera.native.status().slotCount, 'every other slot was written meanwhile');
    held.push(while_);
    alone.push(await writing(camera, () => sleep(holdMs)));
  }
  undisturbed(t, 'asleep on a leased frame', sumOf(held), sumOf(alone));
  t.equal(camera.native.status().revoked, 0);
  await camera.native.close();
});

t.test('without a lease the same frame is overwritten, and says so', async (t) => {
  const camera = await rig.capture('unleased', source, { readers: 1 });
  const holder = await FrameHolder.start(t, 'unleased');
  t.match(await holder.take(), { leased: true });
  const late = await FrameHolder.start(t, 'unleased');
  t.match(await late.take(), { leased: false });
  await camera.published(camera.native.status().published + 2 * camera.native.status().slotCount);
  t.match(await late.look(), { same: false, intact: false, copyError: 'FRAME_OVERWRITTEN' });
  t.match(await holder.look(), { same: true, intact: true });
  await camera.native.close();
});

t.test('a reader that is stopped keeps its frame until lease_timeout, and the writer its rate', async (t) => {
  const camera = await rig.capture('stopped', source, { leaseTimeoutMs });
  const holder = await FrameHolder.start(t, 'stopped');
  const [held, alone]: [Writing[], Writing[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    t.match(await holder.take(), { leased: true });
    await holder.stop();
    const while_ = await writing(camera, () => sleep(holdMs));
    holder.resume();
    t.match(await holder.look(), { same: true, intact: true, copyError: '' });
    t.ok(while_.published > camera.native.status().slotCount, 'every other slot was written meanwhile');
    held.push(while_);
    alone.push(await writing(camera, () => sleep(holdMs)));
  }
  undisturbed(t, 'stopped by SIGSTOP with a leased frame', sumOf(held), sumOf(alone));
  t.equal(camera.native.status().revoked, 0);
  await camera.native.close();
});

t.test('after lease_timeout the frame of a stopped reader is taken away, and that is reported', async (t) => {
  const camera = await rig.capture('hangs', source, { leaseTimeoutMs });
  const holder = await FrameHolder.start(t, 'hangs');
  const other = await FrameHolder.start(t, 'hangs');
  const { sequence } = await holder.take();
  const begin = performance.now();
  await holder.stop();
  t.match(await camera.event('revoked'), { kind: 'revoked', count: 1 });
  const afterMs = performance.now() - begin;
  t.comment(`taken away ${Math.round(afterMs)} ms after SIGSTOP; the timeout is ${leaseTimeoutMs} ms`);
  t.ok(afterMs > 0.9 * leaseTimeoutMs, 'not before its time');
  t.ok(afterMs < 10 * leaseTimeoutMs, 'nor much later');
  t.equal(camera.native.status().revoked, 1);
  await reported('hangs', 1);

  t.match(await other.take(), { leased: true }, 'others are served');
  await camera.published(camera.native.status().published + 2 * camera.native.status().slotCount);
  t.match(await other.look(), { same: true, intact: true });
  holder.resume();
  t.match(await holder.look(), { same: false, intact: false, copyError: 'FRAME_OVERWRITTEN' });
  const next = await holder.take();
  t.ok(next.leased && next.sequence > sequence, 'it goes on with a lease');
  t.match(await holder.look(), { same: true, intact: true });
  t.equal(camera.events.filter(({ kind }) => kind === 'revoked').length, 1, 'told once');
  rows.push(`| SIGSTOP until revoked | ${Math.round(afterMs)} ms, of ${leaseTimeoutMs} ms promised | | |`);
  await camera.native.close();
});

t.test('the table of the long run', { skip: long ? false : 'npm run test:long writes it' }, async () => {
  const folder = fileURLToPath(new URL('../../../docs/results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const head = [
    '# Readers that hold a frame',
    '',
    `Made on ${new Date().toISOString().slice(0, 10)} by \`npm run test:long\` with Node ${process.version}:`,
    'the test camera, 640x480 at 60/s; a reader in a process of its own, through the SDK. In every round the',
    "frame's bytes were the same before and after, and the writer went round the whole ring meanwhile. Lost:",
    'periods for which the camera came too late.',
    '',
    '| the reader | held | the writer meanwhile | the writer alone, in between |',
    '|---|---|---|---|',
  ];
  writeFileSync(`${folder}/hold.md`, `${[...head, ...rows].join('\n')}\n`);
});

/** Until camstream-inspect tells of so many revoked leases; its figures are as old as a heartbeat. */
async function reported(ring: string, revoked: number): Promise<void> {
  for (;;) {
    const { stdout } = await run(process.execPath, [inspect, ring, '--json']);
    if (JSON.parse(stdout).revoked === revoked) return;
  }
}
