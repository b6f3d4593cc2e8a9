/**
 * Question 1: how long from publishing a 1080p frame until JavaScript in another process has it in hand,
 * for 1 and 10 reader processes at 60 frames a second; beside the floor and the rivals, in turns.
 */

import type { Distribution } from './harness/distribution-chart.js';
import type { Answer, Chart, Question, Settings } from './harness/question.js';
import { median, medianOfRounds, quantiles, type Summary, summarize } from './harness/statistics.js';
import { micros, numeric, percent, table, times } from './harness/table.js';
import { type Contestant, type ReaderResult, runTrial, type Work } from './harness/trial.js';
import { anticipatingReaders, asyncReader, syncReader } from './ours/ours.js';
import { type Candidate, FLOOR, floor, rivals } from './rivals/rivals.js';
import { Unavailable } from './rivals/setup.js';

/** One contestant's one turn: all its readers together. */
interface Turn {
  readonly sincePublish: Summary;
  readonly sinceHandover: Summary;
  readonly missed: number;
  readonly torn: number;
  readonly readerCpu: number;
}

interface Row {
  readonly contestant: Contestant;
  readonly turns: Turn[];
  readonly samplesNs: number[];
}

interface Stage {
  readonly title: string;
  readonly bytes: number;
  readonly readers: number;
}

const YUYV = 1920 * 1080 * 2;
const NV12 = (1920 * 1080 * 3) / 2;
const WARMUP = 30;

const ours = [asyncReader, syncReader, ...anticipatingReaders].map(
  (contestant): Candidate => ({ name: contestant.name, prepare: async () => contestant }),
);

/** The question. */
export const latency: Question = {
  name: 'latency',
  title: 'From publish to a reader that has the frame in hand, 1080p at 60/s',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const { contestants, skipped } = await gather(settings);
  const stages: Stage[] = settings.readers.flatMap((readers) => {
    const who = readers === 1 ? '1 reader process' : `${readers} reader processes`;
    return [{ title: `YUYV (4.1 MB), ${who}`, bytes: YUYV, readers }];
  });
  if (!settings.small) stages.push({ title: 'NV12 (3.1 MB), 1 reader process', bytes: NV12, readers: 1 });
  const results = stages.map((stage) => ({
    stage,
    rows: contestants
      .filter(({ maxReaders = Infinity }) => stage.readers <= maxReaders)
      .map((contestant): Row => ({ contestant, turns: [], samplesNs: [] })),
  }));
  for (let round = 0; round < settings.rounds; round++) {
    for (const { stage, rows } of results) {
      settings.log(`latency: round ${round + 1} of ${settings.rounds}, ${stage.title}`);
      for (const row of rotated(rows, round)) await takeTurn(row, stage, settings, skipped);
    }
  }
  const complete = results.map(({ stage, rows }) => ({
    stage,
    rows: rows.filter(({ turns }) => turns.length > 0),
  }));
  return {
    report: [
      ...complete.map(({ stage, rows }) => `### ${stage.title}\n\n${report(rows)}`),
      legend(contestants),
    ].join('\n\n'),
    charts: { latency: chart(complete) },
    data: complete.map(({ stage, rows }) => ({ ...stage, rows: rows.map(toData) })),
    skipped,
  };
}

async function gather({
  only,
  small,
}: Settings): Promise<{ contestants: Contestant[]; skipped: Record<string, string> }> {
  const contestants: Contestant[] = [];
  const skipped: Record<string, string> = {};
  for (const candidate of [floor, ...ours, ...rivals]) {
    if (only !== undefined && candidate !== floor && !candidate.name.includes(only)) continue;
    if (small && candidate.heavy) {
      skipped[candidate.name] = 'has to be fetched or compiled; the full bench has it';
      continue;
    }
    try {
      contestants.push(await candidate.prepare());
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      skipped[candidate.name] = error.message;
    }
  }
  return { contestants, skipped };
}

async function takeTurn(
  row: Row,
  stage: Stage,
  settings: Settings,
  skipped: Record<string, string>,
): Promise<void> {
  const work: Work = {
    bytes: stage.bytes,
    rate: settings.rate,
    warmup: WARMUP,
    frames: settings.frames,
    readers: stage.readers,
    touch: 'ends',
  };
  try {
    const readers = await runTrial(row.contestant, work);
    const samples = readers.flatMap(({ sincePublishNs }) => sincePublishNs);
    if (samples.length === 0) throw new Error('no frame that counts arrived');
    row.samplesNs.push(...samples);
    row.turns.push(toTurn(readers, work, samples));
  } catch (error) {
    // Ours and the floor have to work; a rival that fails on this machine is reported, not repaired.
    if (row.contestant.ours || row.contestant.name === FLOOR) throw error;
    skipped[`${row.contestant.name}, ${stage.title}`] = (error as Error).message;
  }
}

function toTurn(readers: readonly ReaderResult[], { frames }: Work, samples: readonly number[]): Turn {
  const seen = readers.reduce((sum, { sequences }) => sum + sequences.length, 0);
  return {
    sincePublish: summarize(samples),
    sinceHandover: summarize(readers.flatMap(({ sinceHandoverNs }) => sinceHandoverNs)),
    missed: 1 - seen / (frames * readers.length),
    torn: readers.reduce((sum, { torn }) => sum + torn, 0),
    readerCpu: median(readers.map(({ cpuUser, cpuSystem }) => cpuUser + cpuSystem)),
  };
}

function report(rows: readonly Row[]): string {
  const floorRow = rows.find(({ contestant }) => contestant.name === FLOOR);
  const columns = [
    { title: 'who' },
    ...['p50 µs', 'p90 µs', 'p99 µs', 'max µs', 'n', 'p50 / floor', 'p99 / floor'].map(numeric),
    ...['with copy in, p50 µs', 'missed', 'torn', 'CPU a reader'].map(numeric),
  ];
  return table(
    columns,
    rows.map(({ contestant, turns }) => {
      const { n, p50, p90, p99, max } = medianOfRounds(turns.map(({ sincePublish }) => sincePublish));
      return [
        contestant.ours ? `**${contestant.name}**` : contestant.name,
        ...[p50, p90, p99, max].map(micros),
        String(n),
        floorRow ? times(ratio(turns, floorRow.turns, 'p50')) : '',
        floorRow ? times(ratio(turns, floorRow.turns, 'p99')) : '',
        micros(median(turns.map(({ sinceHandover }) => sinceHandover.p50))),
        percent(median(turns.map(({ missed }) => missed))),
        String(turns.reduce((sum, { torn }) => sum + torn, 0)),
        percent(median(turns.map(({ readerCpu }) => readerCpu))),
      ];
    }),
  );
}

/** The median over rounds of the ratio within a round: noise that hits a whole round cancels out. */
function ratio(turns: readonly Turn[], floorTurns: readonly Turn[], figure: 'p50' | 'p99'): number {
  const both = turns.slice(0, floorTurns.length);
  return median(
    both.map((turn, round) => turn.sincePublish[figure] / (floorTurns[round] as Turn).sincePublish[figure]),
  );
}

function legend(contestants: readonly Contestant[]): string {
  return contestants.map(({ name, how }) => `- ${name}: ${how}`).join('\n');
}

function chart(results: readonly { stage: Stage; rows: readonly Row[] }[]): Chart {
  return {
    title: 'Publish to frame in hand, 1920x1080 at 60/s',
    panels: results.map(({ stage, rows }) => ({
      title: stage.title,
      rows: rows.map(
        ({ contestant, samplesNs }): Distribution => ({
          label: contestant.name,
          kind: contestant.ours ? 'ours' : contestant.name === FLOOR ? 'floor' : 'rival',
          quantiles: quantiles(samplesNs),
        }),
      ),
    })),
  };
}

function toData({ contestant, turns, samplesNs }: Row): unknown {
  return { name: contestant.name, how: contestant.how, turns, quantilesNs: quantiles(samplesNs) };
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
