// Runs the command of one stage of the tests: its output passes through, its totals come back.
import { spawn } from 'node:child_process';
import { addTotals, formatTotals, noTotals, parseTotals } from './totals.mjs';

/**
 * A command that counts tests and prints their totals. If it fails without a failed test, or reports no
 * test at all, that is one failure more.
 */
export async function runCountedStage(title, command, options) {
  return timed(title, async () => {
    const { output, end } = await passThrough(command, options);
    const totals = parseTotals(output) ?? noTotals;
    if (totals.failed > 0 || (end === 0 && totals.passed + totals.skipped > 0)) return totals;
    console.log(`${command[0]} ended with ${end}, and its tests report: ${formatTotals(totals)}`);
    return addTotals(totals, { ...noTotals, failed: 1 });
  });
}

/** A command that only succeeds or fails: one test. */
export async function runPlainStage(title, command, options) {
  return timed(title, async () => {
    const { end } = await passThrough(command, options);
    if (end !== 0) console.log(`${command.join(' ')} ended with ${end}`);
    return { ...noTotals, [end === 0 ? 'passed' : 'failed']: 1 };
  });
}

async function timed(title, work) {
  console.log(`\n== ${title}`);
  const start = performance.now();
  const totals = await work();
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`== ${title}: ${formatTotals(totals)} in ${seconds} s`);
  return totals;
}

function passThrough([program, ...args], options) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.setEncoding('utf8').on('data', (text) => {
        output += text;
        to.write(text);
      });
    }
    child.on('error', (error) => resolve({ output, end: error.message }));
    child.on('close', (code, signal) => resolve({ output, end: signal ?? code }));
  });
}
