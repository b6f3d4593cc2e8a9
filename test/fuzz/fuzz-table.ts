import { writeLongTable } from '../support/long-table.js';
import type { FuzzReport } from './fuzzer.js';

/** Writes docs/results/NAME.md: what the long runs of some targets came to. */
export function writeFuzzTable(name: string, what: string, reports: readonly FuzzReport[]): void {
  writeLongTable({
    name,
    title: `${what}, fuzzed`,
    about: [
      'Coverage-guided: inputs that reach a block of code nothing reached before are changed further. No',
      'input threw what it must not, none took a second. Heap: after garbage collection, more at the end',
      'than after the first third.',
    ],
    columns: ['target', 'for', 'inputs', 'corpus at the end', 'blocks reached', 'slowest input', 'heap'],
    rows: reports.map(({ target, seconds, runs, corpus, blocks, slowestMs, grownBytes }) => [
      ...[target, `${seconds} s`, runs, corpus, blocks],
      ...[`${slowestMs.toFixed(1)} ms`, `${(grownBytes / 1e6).toFixed(1)} MB`],
    ]),
  });
}
