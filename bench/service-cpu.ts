/**
 * Question 6: what the whole service costs in CPU time, by thread: the test camera at 1080p60, the ring
 * `analysis` (1080p bgr24 at 30/s) always on, and viewers of `medium` (720p, 30/s) and `low` (480p, 15/s) as
 * MJPEG.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, get } from 'node:http';
import type { Answer, Question, Settings } from './harness/question.js';
import { median } from './harness/statistics.js';
import { numeric, percent, table } from './harness/table.js';
import { type ThreadShares, watchThreads } from './harness/thread-cpu.js';
import { type RunningService, startService } from './ours/video-service.js';

interface Situation {
  readonly title: string;
  /** Viewers by stream. */
  readonly viewers: Readonly<Record<string, number>>;
}

const SITUATIONS: readonly Situation[] = [
  { title: 'nobody watches', viewers: {} },
  { title: '1 on low', viewers: { low: 1 } },
  { title: '1 on medium, 1 on low', viewers: { medium: 1, low: 1 } },
  { title: '10 on medium, 10 on low', viewers: { medium: 10, low: 10 } },
];

/** The question. */
export const serviceCpu: Question = {
  name: 'service-cpu',
  title: 'CPU time of the whole service, test camera 1080p60, ring analysis on',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const rounds: ThreadShares[][] = SITUATIONS.map(() => []);
  const folder = mkdtempSync('/dev/shm/camstream-bench-');
  const service = await startService(folder, { streams: '{ medium: { port: 0 }, low: { port: 0 } }' });
  try {
    for (let round = 0; round < settings.rounds; round++) {
      settings.log(`service-cpu: round ${round + 1} of ${settings.rounds}`);
      for (const [index, situation] of SITUATIONS.entries()) {
        rounds[index]?.push(await measure(service, situation, settings));
      }
    }
  } finally {
    await service.process.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return { report: `${report(rounds)}\n\n${NOTE}`, charts: {}, data: dataOf(rounds), skipped: {} };
}

async function measure(
  { pids, addresses }: RunningService,
  { viewers }: Situation,
  settings: Settings,
): Promise<ThreadShares> {
  const { small, frames, rate } = settings;
  const requests = Object.entries(viewers).flatMap(([stream, count]) => {
    const address = addresses[stream];
    if (address?.kind !== 'http') throw new Error(`no stream ${stream} over HTTP`);
    return Array.from({ length: count }, () => watch(address.url));
  });
  // Conversions start with the first viewer, and end two seconds after the last.
  await sleep(small ? 300 : 3000);
  const shares = watchThreads(pids[0] ?? 0);
  await sleep((frames / rate) * 1000);
  const found = shares();
  for (const request of requests) request.destroy();
  return found;
}

function watch(url: string): ClientRequest {
  return get(url, { agent: false }, (response) => response.resume().on('error', () => {})).on(
    'error',
    () => {},
  );
}

const NOTE =
  'Shares of one core, user and system. `libuv pool` and `libvips worker` make JPEG (sharp); ' +
  '`conversion` is ' +
  'libyuv, three threads; `capture` paints the test picture; `event loop` is JavaScript and the sockets.';

function report(rounds: readonly (readonly ThreadShares[])[]): string {
  const names = [...new Set(rounds.flat().flatMap(Object.keys))].filter((name) =>
    rounds.flat().some((shares) => (shares[name] ?? 0) > 0.0005),
  );
  const middle = (index: number, pick: (shares: ThreadShares) => number) =>
    median((rounds[index] ?? []).map(pick));
  const rows = names.map((name) => [
    name,
    ...SITUATIONS.map((_, index) => percent(middle(index, (shares) => shares[name] ?? 0))),
  ]);
  const sums = SITUATIONS.map((_, index) =>
    percent(middle(index, (shares) => Object.values(shares).reduce((sum, share) => sum + share, 0))),
  );
  const columns = [{ title: 'threads' }, ...SITUATIONS.map(({ title }) => numeric(title))];
  return table(columns, [...rows, ['**all**', ...sums]]);
}

function dataOf(rounds: readonly (readonly ThreadShares[])[]): unknown {
  return SITUATIONS.map(({ title }, index) => ({ title, rounds: rounds[index] }));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
