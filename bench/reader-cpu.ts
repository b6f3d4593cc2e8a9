/**
 * Question 5: what a reader costs in CPU time (user and system of the whole process, in ms a second): while
 * nothing is published, and at 60 frames a second without looking, looking at the ends, and at every cache
 * line.
 */

import type { Answer, Question, Settings } from './harness/question.js';
import { median } from './harness/statistics.js';
import { numeric, table } from './harness/table.js';
import { type Contestant, runTrial, type Work } from './harness/trial.js';
import { asyncReader, syncReader } from './ours/ours.js';
import { floor, rivals } from './rivals/rivals.js';
import { Unavailable } from './rivals/setup.js';

interface Mode {
  readonly title: string;
  readonly idle: boolean;
  readonly touch: Work['touch'];
  /** Ours and the floor only: the rivals always look at both ends. */
  readonly oursOnly: boolean;
}

const MODES: readonly Mode[] = [
  { title: 'idle', idle: true, touch: 'ends', oursOnly: false },
  { title: '60/s, not looked at', idle: false, touch: 'none', oursOnly: true },
  { title: '60/s, both ends', idle: false, touch: 'ends', oursOnly: false },
  { title: '60/s, every cache line', idle: false, touch: 'all', oursOnly: true },
];

interface Row {
  readonly contestant: Contestant;
  readonly rival: boolean;
  /** By mode: user and system time of every round, as shares of a core. */
  readonly cells: { readonly user: number[]; readonly system: number[] }[];
}

/** The question. */
export const readerCpu: Question = {
  name: 'reader-cpu',
  title: 'CPU time of a reader, 1080p YUYV',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const skipped: Record<string, string> = {};
  const rows: Row[] = [
    toRow(await floor.prepare(), false),
    toRow(asyncReader, false),
    toRow(syncReader, false),
  ];
  const polling = await pollingRival(settings, skipped);
  if (polling) rows.push(toRow(polling, true));
  for (let round = 0; round < settings.rounds; round++) {
    settings.log(`reader-cpu: round ${round + 1} of ${settings.rounds}`);
    for (const row of rows) await measure(row, settings);
  }
  return {
    report: `${report(rows)}\n\n${NOTE}`,
    charts: {},
    data: rows.map(({ contestant, cells }) => ({
      name: contestant.name,
      modes: MODES.map(({ title }, index) => ({ title, ...cells[index] })),
    })),
    skipped,
  };
}

async function pollingRival(
  { small }: Settings,
  skipped: Record<string, string>,
): Promise<Contestant | undefined> {
  const candidate = rivals.find(({ name }) => name === 'shm-typed-array, timer');
  if (!candidate) throw new Error('the polling rival has another name now');
  try {
    if (small) throw new Unavailable('has to be fetched; the full bench has it');
    return await candidate.prepare();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    skipped[candidate.name] = error.message;
    return undefined;
  }
}

function toRow(contestant: Contestant, rival: boolean): Row {
  return { contestant, rival, cells: MODES.map(() => ({ user: [], system: [] })) };
}

async function measure({ contestant, rival, cells }: Row, settings: Settings): Promise<void> {
  for (const [index, { idle, touch, oursOnly }] of MODES.entries()) {
    if (oursOnly && (rival || settings.small)) continue;
    const seconds = settings.frames / settings.rate;
    // Idle: the time between two frames that are that far apart.
    const rate = idle ? 1 / seconds : settings.rate;
    const frames = idle ? 1 : settings.frames;
    const work = { bytes: 1920 * 1080 * 2, rate, warmup: 0, frames, readers: 1, touch };
    const [reader] = await runTrial(contestant, work);
    if (!reader) throw new Error(`${contestant.name} had no reader`);
    cells[index]?.user.push(reader.cpuUser);
    cells[index]?.system.push(reader.cpuSystem);
  }
}

const NOTE =
  'ms of CPU time a second: user + system. 10 ms/s is 1 % of a core. The async reader has a thread of its ' +
  'own that waits for frames; its time is in the figure.';

function report(rows: readonly Row[]): string {
  return table(
    [{ title: 'who' }, ...MODES.map(({ title }) => numeric(title))],
    rows.map(({ contestant, cells }) => [
      contestant.ours ? `**${contestant.name}**` : contestant.name,
      ...cells.map(({ user, system }) =>
        user.length === 0 ? '' : `${milliseconds(median(user))} + ${milliseconds(median(system))}`,
      ),
    ]),
  );
}

function milliseconds(share: number): string {
  return (share * 1000).toFixed(1);
}
