import type { Test } from 'tap';
import { writeLongTable } from '../support/long-table.js';
import { type FuzzReport, type FuzzTarget, fuzz } from './fuzzer.js';

const isLong = process.env.CAMSTREAM_LONG !== undefined;

/** Targets, and how long each runs with CAMSTREAM_LONG; else it is a moment. */
type FuzzPlan = readonly { readonly target: FuzzTarget; readonly longSeconds: number }[];

/** A test for each target, and docs/results/NAME.md of the long run: WHAT, fuzzed. */
export function runFuzzTargets(t: Test, name: string, what: string, plan: FuzzPlan): void {
  const reports: FuzzReport[] = [];
  for (const { target, longSeconds } of plan) {
    t.test(`${target.name} takes whatever comes`, async (t) => {
      const report = await fuzz(target, isLong ? longSeconds : 1.5);
      const { text, grownBytes, slowestMs, runs } = report;
      reports.push(report);
      t.comment(text);
      t.ok(runs > 100, 'it ran');
      t.ok(slowestMs < 1000, 'no input takes long');
      t.ok(grownBytes < 32e6, 'nothing is kept');
    });
  }
  t.test('the table of the long run', { skip: isLong ? false : 'npm run test:long writes it' }, async () =>
    writeFuzzTable(name, what, reports),
  );
}

function writeFuzzTable(name: string, what: string, reports: readonly FuzzReport[]): void {
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0);
  writeLongTable({
    name,
    title: `${what}, fuzzed`,
    about: [
      `Coverage-guided, ${seconds} s in all: inputs that reach a block of code nothing reached before are`,
      'changed further. No input threw what it must not, none took a second. Heap: after garbage collection,',
      'more at the end than after the first third.',
    ],
    columns: [
      ...[
        'target',
        'for',
        'inputs',
        'longest',
        'corpus at the end',
        'blocks reached',
        'slowest input',
        'heap',
      ],
    ],
    rows: reports.map((report) => [
      ...[report.target, `${report.seconds} s`, report.runs, `${report.longestBytes} B`, report.corpus],
      ...[report.blocks, `${report.slowestMs.toFixed(1)} ms`, `${(report.grownBytes / 1e6).toFixed(1)} MB`],
    ]),
  });
}
