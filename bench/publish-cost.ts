/**
 * Question 3: what publishing costs the writer, with 0, 1 and 10 reader processes asleep on the ring: without
 * the copy (choosing a slot, the lease scan, the seqlock, the wake-ups) and with it (1080p YUYV).
 */

import type { Distribution } from './harness/distribution-chart.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { medianOfRounds, quantiles, type Summary, summarize } from './harness/statistics.js';
import { micros, numeric, table } from './harness/table.js';
import { type Contestant, timePublishing } from './harness/trial.js';
import { asyncReader } from './ours/ours.js';
import { floor } from './rivals/rivals.js';

interface Cell {
  readonly contestant: Contestant;
  readonly readers: number;
  readonly copy: boolean;
  readonly rounds: Summary[];
  readonly samplesNs: number[];
}

/** The question. */
export const publishCost: Question = {
  name: 'publish-cost',
  title: 'What publishing a frame costs the writer',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const contestants = [await floor.prepare(), asyncReader];
  const cells: Cell[] = [false, true].flatMap((copy) =>
    [0, ...settings.readers].flatMap((readers) =>
      contestants.map((contestant) => ({ contestant, readers, copy, rounds: [], samplesNs: [] })),
    ),
  );
  for (let round = 0; round < settings.rounds; round++) {
    settings.log(`publish-cost: round ${round + 1} of ${settings.rounds}`);
    for (const cell of cells) await measure(cell, settings);
  }
  return {
    report: `${report(cells)}\n\n${NOTE}`,
    charts: {
      'publish-cost': {
        title: 'One publish, as the writer sees it',
        panels: [false, true].map((copy) => ({
          title: copy ? '1080p YUYV copied in' : 'without the copy',
          rows: cells.filter((cell) => cell.copy === copy).map(toDistribution),
        })),
      },
    },
    data: cells.map(({ contestant, readers, copy, rounds, samplesNs }) => ({
      name: contestant.name,
      readers,
      copy,
      rounds,
      quantilesNs: quantiles(samplesNs),
    })),
    skipped: {},
  };
}

async function measure(
  { contestant, readers, copy, rounds, samplesNs }: Cell,
  settings: Settings,
): Promise<void> {
  const publishNs = await timePublishing(contestant, {
    bytes: 1920 * 1080 * 2,
    rate: settings.rate,
    warmup: 30,
    frames: settings.frames,
    readers,
    touch: copy ? 'ends' : 'none',
  });
  rounds.push(summarize(publishNs));
  samplesNs.push(...publishNs);
}

const NOTE =
  "Ours is one call of createRing()'s publish() from JavaScript, the crossing into the addon included; a " +
  'capture thread does the same without it. Each reader is woken with a system call of its own, which is ' +
  'what grows.';

function report(cells: readonly Cell[]): string {
  const columns = [
    { title: 'who' },
    numeric('readers'),
    { title: 'copy' },
    ...['p50 µs', 'p90 µs', 'p99 µs', 'max µs', 'n'].map(numeric),
  ];
  return table(
    columns,
    cells.map(({ contestant, readers, copy, rounds }) => {
      const { n, p50, p90, p99, max } = medianOfRounds(rounds);
      const who = contestant.ours ? '**camstream**' : contestant.name;
      return [who, String(readers), copy ? 'yes' : 'no', ...[p50, p90, p99, max].map(micros), String(n)];
    }),
  );
}

function toDistribution({ contestant, readers, samplesNs }: Cell): Distribution {
  return {
    label: `${contestant.ours ? 'camstream' : 'floor'}, ${readers} reader${readers === 1 ? '' : 's'}`,
    kind: contestant.ours ? 'ours' : 'floor',
    quantiles: quantiles(samplesNs),
  };
}
