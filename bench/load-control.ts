/**
 * Question: what happens to whom when the CPU is taken away: the default streams at once, a raw reader of the
 * ring `camera`, and after a while busy loops on every core, so many that one thread's fair share is half of
 * what ffmpeg takes undisturbed (it has several threads); then it is given back.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@camstream/consumer';
import { askStatus, type Status } from '@camstream/producer';
import { watchCpu } from './harness/process-cpu.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { median } from './harness/statistics.js';
import { numeric, table } from './harness/table.js';
import { timeChart } from './harness/time-chart.js';
import { startService } from './ours/video-service.js';

/** The question. */
export const loadControl: Question = {
  name: 'load-control',
  title: 'CPU taken away and given back: rates over time, test camera 1080p60',
  run,
};

/** One second. */
interface Sample {
  readonly second: number;
  readonly camera: number;
  /** Frames that a program got which reads the ring `camera`. */
  readonly reader: number;
  readonly dropped: number;
  readonly streams: Readonly<Record<string, { readonly rate: number; readonly step: number }>>;
}

async function run({ small, log }: Settings): Promise<Answer> {
  const phases = small ? { calm: 3, busy: 3, after: 3 } : { calm: 15, busy: 45, after: 90 };
  const folder = mkdtempSync('/dev/shm/camstream-bench-');
  const streams = '{ high: { warm: true }, medium: { warm: true, port: 0 }, low: { warm: true, port: 0 } }';
  const service = await startService(folder, { streams });
  try {
    await sleep(small ? 1000 : 5000); // encoders start, and are judged two seconds later
    log(`load-control: ${phases.calm} s as it is, ${phases.busy} s busy, ${phases.after} s after`);
    const base = new URL('/', service.snapshots.medium);
    return answerOf(await watch(base, service.process.pid, `${folder}/rings`, phases), phases);
  } finally {
    await service.process.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Watched {
  readonly samples: readonly Sample[];
  /** What the H.264 encoder takes while nobody disturbs it, in cores. */
  readonly neededCores: number;
  readonly loopsPerCore: number;
}

interface Phases {
  readonly calm: number;
  readonly busy: number;
  readonly after: number;
}

async function watch(
  base: URL,
  pid: number,
  ringRoot: string,
  { calm, busy, after }: Phases,
): Promise<Watched> {
  process.env.CAMSTREAM_RING_ROOT = ringRoot;
  const camera = await connect('camera');
  let read = 0;
  const reading = (async () => {
    for await (const _ of camera.frames()) ++read;
  })();
  const samples: Sample[] = [];
  let loops: ChildProcess[] = [];
  const used = watchCpu([pid]);
  let neededCores = 0;
  let loopsPerCore = 0;
  try {
    const beganMs = performance.now();
    let before = { status: await askStatus(base, undefined), read, atMs: beganMs };
    for (let second = 1; second <= calm + busy + after; ++second) {
      if (second === calm + 1) {
        neededCores = used().programs.ffmpeg ?? 0;
        loopsPerCore = loopsFor(neededCores);
        loops = Array.from({ length: loopsPerCore * availableParallelism() }, busyLoop);
      }
      if (second === calm + busy + 1) stop(loops);
      await sleep(Math.max(0, beganMs + second * 1000 - performance.now()));
      const now = { status: await askStatus(base, undefined), read, atMs: performance.now() };
      samples.push(sampleOf(before, now, (now.atMs - beganMs) / 1000));
      before = now;
    }
  } finally {
    stop(loops);
    camera.close();
    await reading;
  }
  return { samples, neededCores, loopsPerCore };
}

const mostLoopsPerCore = 64;

/** With n loops on a core one thread's fair share of it is 1 / (n + 1): at most half of what ffmpeg takes. */
function loopsFor(neededCores: number): number {
  if (neededCores === 0) throw new Error('the H.264 encoder takes no time: is it at work?');
  return Math.min(mostLoopsPerCore, Math.max(1, Math.ceil(2 / neededCores) - 1));
}

interface Look {
  readonly status: Status;
  readonly read: number;
  readonly atMs: number;
}

function sampleOf(before: Look, now: Look, second: number): Sample {
  const seconds = (now.atMs - before.atMs) / 1000;
  const frames = ({ status }: Look) => status.cameras[0]?.frames ?? { captured: 0, dropped: 0 };
  const units = (look: Look, name: string) =>
    look.status.streams.find((one) => one.name === name)?.units ?? 0;
  const perSecond = (count: number) => Math.round((count / seconds) * 10) / 10;
  return {
    second,
    camera: perSecond(frames(now).captured - frames(before).captured),
    reader: perSecond(now.read - before.read),
    dropped: frames(now).dropped - frames(before).dropped,
    streams: Object.fromEntries(
      now.status.streams.map(({ name, encoder: { step } }) => [
        name,
        { rate: perSecond(units(now, name) - units(before, name)), step },
      ]),
    ),
  };
}

function busyLoop(): ChildProcess {
  return spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
}

function stop(loops: readonly ChildProcess[]): void {
  for (const loop of loops) loop.kill('SIGKILL');
}

function answerOf(watched: Watched, { calm, busy }: Phases): Answer {
  const { samples, neededCores, loopsPerCore } = watched;
  const names = Object.keys(samples[0]?.streams ?? {});
  const lines = [
    { label: 'camera', of: ({ camera }: Sample) => camera },
    { label: 'reader of camera', of: ({ reader }: Sample) => reader },
    ...names.map((name) => ({ label: name, of: ({ streams }: Sample) => streams[name]?.rate ?? 0 })),
  ];
  const parts = [samples.slice(0, calm), samples.slice(calm, calm + busy), samples.slice(-10)];
  const rows = lines.map(({ label, of }) => [
    label,
    ...parts.map((part) => (part.length === 0 ? '' : median(part.map(of)).toFixed(1))),
  ]);
  const lost = parts.map((part) => String(part.reduce((sum, { dropped }) => sum + dropped, 0)));
  const load =
    `Undisturbed, ffmpeg took ${neededCores.toFixed(2)} of a core; busy: ${loopsPerCore} loops on every ` +
    `core: one thread's fair share is ${(1 / (loopsPerCore + 1)).toFixed(2)} of a core; ffmpeg has several.`;
  const columns = [{ title: 'pictures a second, median' }, ...['before', 'busy', 'last 10 s'].map(numeric)];
  const panels = [
    {
      title: 'pictures a second',
      lines: lines.map(({ label, of }, colour) => ({ label, colour, values: samples.map(of) })),
    },
    {
      title: 'step of load control (0: as configured)',
      lines: names.map((label, index) => ({
        label,
        colour: index + lines.length - names.length,
        values: samples.map(({ streams }) => streams[label]?.step ?? 0),
      })),
      stepped: true,
    },
  ];
  const spans = [{ label: `${loopsPerCore} busy loops on every core`, from: calm, to: calm + busy }];
  return {
    report: `${load}\n\n${table(columns, [...rows, ['frames lost before the ring', ...lost]])}`,
    charts: {},
    pictures: {
      'load-control': (caption) =>
        timeChart(
          'CPU taken away and given back',
          caption,
          samples.map(({ second }) => second),
          panels,
          spans,
        ),
    },
    data: watched,
    skipped: {},
  };
}
