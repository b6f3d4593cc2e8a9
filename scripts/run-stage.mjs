// Runs one command that counts tests: its output passes through, its totals come back.
import { spawn } from 'node:child_process';
import { addTotals, formatTotals, noTotals, parseTotals } from './totals.mjs';

/**
 * Resolves with the totals in the command's output. A command that fails without a failed test, or that
 * reports no totals, counts as one failure of its own.
 */
export async function runStage(title, [program, ...args], { cwd, env }) {
  console.log(`\n== ${title}`);
  const start = performance.now();
  const { output, end } = await passThrough(program, args, { cwd, env });
  let totals = parseTotals(output) ?? noTotals;
  if (totals.failed === 0 && (end !== 0 || totals.passed + totals.skipped === 0)) {
    console.log(`${program}: ended with ${end}, and its tests report: ${formatTotals(totals)}`);
    totals = addTotals(totals, { ...noTotals, failed: 1 });
  }
  console.log(`== ${title}: ${formatTotals(totals)} in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return totals;
}

function passThrough(program, args, options) {
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
