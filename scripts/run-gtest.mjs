// run-gtest.mjs PROGRAM...: runs GoogleTest programs one after the other and counts what they report.
// Prints the whole output of a program that failed, one line for one that passed, and at the end
// `N passed, N failed, N skipped`. A program that dies before its report counts as one failure.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sweepTestFolders } from './sweep-test-folders.mjs';
import { addTotals, noTotals, printTotals } from './totals.mjs';

const TIMEOUT_MS = process.env.CAMSTREAM_LONG ? 3_600_000 : 300_000;
const folder = mkdtempSync(join(tmpdir(), 'camstream-gtest-'));
let totals = noTotals;
for (const program of process.argv.slice(2)) {
  const result = runProgram(program);
  totals = addTotals(totals, result.totals);
  console.log(
    `${result.totals.failed ? 'not ok' : 'ok'} ${basename(program)} (${result.seconds.toFixed(1)} s)`,
  );
  if (result.totals.failed) console.log(result.output);
  for (const skipped of result.skipped) console.log(`  skipped: ${skipped}`);
}
rmSync(folder, { recursive: true });
sweepTestFolders();
printTotals(totals);

function runProgram(program) {
  const report = join(folder, `${basename(program)}.json`);
  const start = performance.now();
  const args = [`--gtest_output=json:${report}`, '--gtest_color=no'];
  const child = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 26,
  });
  const seconds = (performance.now() - start) / 1000;
  const output = `${child.stdout ?? ''}${child.stderr ?? ''}`;
  const end = child.signal ?? child.error?.message ?? `exit code ${child.status}`;
  let tests;
  try {
    tests = JSON.parse(readFileSync(report, 'utf8')).testsuites.flatMap((suite) => suite.testsuite);
  } catch {
    return failure(`${output}\n${program} ended without a report (${end})`, seconds);
  }
  const failed = tests.filter((test) => test.failures?.length);
  const skipped = tests.filter((test) => test.result === 'SKIPPED');
  if (child.status !== 0 && failed.length === 0) {
    return failure(`${output}\n${program} reported no failed test but ended with ${end}`, seconds);
  }
  const passed = tests.filter((test) => test.result === 'COMPLETED').length - failed.length;
  return {
    totals: { passed, failed: failed.length, skipped: skipped.length },
    output,
    seconds,
    skipped: skipped.map((test) => `${test.classname}.${test.name}${skipReason(output, test)}`),
  };
}

function failure(output, seconds) {
  return { totals: { passed: 0, failed: 1, skipped: 0 }, output, seconds, skipped: [] };
}

/** GoogleTest prints the reason of a GTEST_SKIP() between the test's RUN and SKIPPED lines only. */
function skipReason(output, test) {
  const name = `${test.classname}.${test.name}`;
  const from = output.indexOf(`[ RUN      ] ${name}\n`);
  const to = output.indexOf(`[  SKIPPED ] ${name}`, from);
  if (from < 0 || to < 0) return '';
  const lines = output.slice(from, to).trim().split('\n').slice(2);
  return lines.length ? `: ${lines.join(' ')}` : '';
}
