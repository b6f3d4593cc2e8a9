/**
 * Question 10: what more viewers cost, and whether all of them get every picture: the default four streams
 * of a 1080p60 camera with 1, 10 and 50 viewers each.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { ParticipantProcess } from './harness/participant-process.js';
import { compiled } from './harness/paths.js';
import { type CpuUse, totalCpu, watchCpu } from './harness/process-cpu.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { median } from './harness/statistics.js';
import { numeric, percent, table } from './harness/table.js';
import { type Address, STREAM_RATES } from './harness/video-service.js';
import { defaultService } from './ours/video-service.js';
import type { WatchPlan } from './viewers/watch.js';

interface Turn extends CpuUse {
  /** By stream: pictures a second of the viewer who got fewest, and of all in the mean. */
  readonly streams: Readonly<Record<string, { readonly least: number; readonly mean: number }>>;
}

interface Row {
  readonly encoder: 'sharp' | 'turbo';
  readonly viewers: number;
  /** Of the H.264 stream. */
  readonly rtsp: 'tcp' | 'udp';
  readonly turns: Turn[];
}

/** The question. */
export const viewers: Question = {
  name: 'viewers',
  title: 'Default four streams, 1080p60 in: viewers of each against CPU and delivered rate',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const counts = settings.small ? [1, 2] : [1, 10, 50];
  const rows = (settings.small ? (['turbo'] as const) : (['sharp', 'turbo'] as const)).flatMap((encoder) => [
    ...counts.map((viewers): Row => ({ encoder, viewers, rtsp: 'tcp', turns: [] })),
    { encoder, viewers: Math.max(...counts), rtsp: 'udp', turns: [] } satisfies Row,
  ]);
  for (let round = 0; round < settings.rounds; round++) {
    for (const row of rows) {
      const { encoder, viewers, rtsp } = row;
      settings.log(
        `viewers: round ${round + 1} of ${settings.rounds}, ${encoder}, ${viewers} each, H.264 by ${rtsp}`,
      );
      row.turns.push(await takeTurn(row, settings));
    }
  }
  return {
    report: `${report(rows)}\n\n${NOTE}`,
    charts: {},
    data: rows,
    skipped: {},
  };
}

async function takeTurn({ encoder, viewers, rtsp }: Row, { frames, rate, small }: Settings): Promise<Turn> {
  const folder = mkdtempSync('/dev/shm/cs-bench-');
  const seconds = frames / rate;
  try {
    const running = await defaultService(encoder).start(folder, '');
    const watching = watchers(running.addresses, viewers, rtsp, seconds);
    try {
      await Promise.all(watching.map((each) => each.ready()));
      await sleep(small ? 300 : 4000);
      const used = watchCpu(running.pids);
      for (const each of watching) each.go();
      const lines = await Promise.all(watching.map((each) => each.output(seconds * 1000 + 60_000)));
      return { ...used(), streams: deliveredOf(lines.flat(), seconds) };
    } finally {
      await Promise.all(watching.map((each) => each.stop()));
      await running.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A process for each stream: one slow event loop must not slow all viewers. */
function watchers(
  addresses: Readonly<Record<string, Address>>,
  count: number,
  rtsp: Row['rtsp'],
  seconds: number,
) {
  return Object.keys(STREAM_RATES).map((stream) => {
    const address = addresses[stream];
    if (!address) throw new Error(`no stream ${stream}`);
    const plan: WatchPlan[] = [{ stream, address, count, rtsp }];
    const command = { file: process.execPath, args: [compiled('viewers/watch')] };
    return new ParticipantProcess(`viewers of ${stream}`, command, [`${seconds}`, JSON.stringify(plan)]);
  });
}

function deliveredOf(lines: readonly string[], seconds: number): Turn['streams'] {
  const rates: Record<string, number[]> = {};
  for (const line of lines) {
    const [kind, stream = '', pictures] = line.split(' ');
    if (kind !== 'viewer') continue;
    const list = rates[stream] ?? [];
    rates[stream] = list;
    list.push(Number(pictures) / seconds);
  }
  const entries = Object.entries(rates).map(([stream, all]) => [
    stream,
    { least: Math.min(...all), mean: all.reduce((sum, each) => sum + each, 0) / all.length },
  ]);
  return Object.fromEntries(entries);
}

function report(rows: readonly Row[]): string {
  const columns = [
    { title: 'JPEG by' },
    { title: 'H.264 by' },
    ...['viewers of each', 'CPU, cores', 'node', 'ffmpeg'].map(numeric),
    ...Object.keys(STREAM_RATES).map((stream) => numeric(`${stream}: worst, mean`)),
  ];
  return table(
    columns,
    rows.map(({ encoder, viewers, rtsp, turns }) => [
      encoder,
      rtsp.toUpperCase(),
      String(viewers),
      median(turns.map(totalCpu)).toFixed(2),
      ...['node', 'ffmpeg'].map((name) => percent(median(turns.map(({ programs }) => programs[name] ?? 0)))),
      ...Object.entries(STREAM_RATES).map(([stream, wanted]) => {
        const of = (pick: 'least' | 'mean'): string =>
          shareText(median(turns.map(({ streams }) => streams[stream]?.[pick] ?? 0)) / wanted);
        return `${of('least')}, ${of('mean')}`;
      }),
    ]),
  );
}

function shareText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const NOTE =
  'Rates as shares of what the stream is to give (99 % is the aim with 10 viewers each): of the viewer ' +
  'who got fewest, and in the mean; a picture of which a packet is missing does not count. The viewers ' +
  'read on the same cores: what they need is not in the figures, but takes from what the service can have.';

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
