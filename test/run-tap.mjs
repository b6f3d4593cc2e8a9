// run-tap.mjs [--node PROGRAM] [--jobs N] [--except WORD]... [WORD...]: runs the compiled tests (test/dist)
// and counts them.
//
// Each *.test.js is a program of its own that prints TAP. WORDs choose files by a part of their path
// (`consumer`, `ring/python`), --except leaves files out in the same way. --node runs them by another
// Node. What runs inside the camera VM is left out unless chosen by the word `camera/`. Prints a line a
// file, the whole output of those that failed, and at the end `N passed, N failed, N skipped`, counting the
// tests at the top of each file.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Parser } from 'tap-parser';
import { sweepTestFolders } from '../scripts/sweep-test-folders.mjs';
import { addTotals, noTotals, printTotals } from '../scripts/totals.mjs';

const TIMEOUT_MS = process.env.CAMSTREAM_LONG ? 4 * 3_600_000 : 240_000;
const tests = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    jobs: { type: 'string', default: '2' },
    except: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
});
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopAll(signal));

const queue = findTests(positionals);
let totals = noTotals;
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
sweepTestFolders();
printTotals(totals);

async function work() {
  for (let file = queue.shift(); file; file = queue.shift()) {
    const result = await runFile(file);
    totals = addTotals(totals, result.totals);
    console.log(`${result.totals.failed ? 'not ok' : 'ok'} ${file} (${result.seconds.toFixed(1)} s)`);
    if (result.totals.failed) console.log(result.output);
    for (const { name, reason } of result.skipped) console.log(`  skipped: ${name}: ${reason}`);
  }
}

/** Compiled tests whose source is still there, by their path below test/ without the ending. */
function findTests(words) {
  return readdirSync(join(tests, 'dist'), { recursive: true })
    .filter((path) => path.endsWith('.test.js'))
    .map((path) => path.slice(0, -'.test.js'.length))
    .filter((path) => existsSync(join(tests, `${path}.test.ts`)))
    .filter((path) => !values.except.some((word) => path.includes(word)))
    .filter((path) =>
      words.length ? words.some((word) => path.includes(word)) : !path.startsWith('camera/'),
    )
    .sort();
}

function runFile(file) {
  const start = performance.now();
  const path = join(tests, 'dist', `${file}.test.js`);
  // tap's own limit, half a minute a test, is too short for a machine that does much else.
  const env = { TAP_TIMEOUT: `${TIMEOUT_MS / 1000}`, ...process.env };
  if (values.node !== process.execPath) env.CAMSTREAM_OTHER_NODE = values.node;
  const child = spawn(values.node, [path], {
    cwd: tests,
    env,
    // A process group of its own, so that what a hanging test has started ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const skipped = [];
  const parser = new Parser();
  let counted = noTotals;
  parser.on('assert', (test) => {
    if (test.skip)
      skipped.push({ name: test.name, reason: test.skip === true ? 'no reason given' : test.skip });
    const kind = test.skip ? 'skipped' : test.ok || test.todo ? 'passed' : 'failed';
    counted = addTotals(counted, { ...noTotals, [kind]: 1 });
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    parser.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill(child);
  }, TIMEOUT_MS);
  return new Promise((resolve) => {
    const done = (end) => {
      clearTimeout(timer);
      running.delete(child);
      parser.end();
      const wrong = timedOut ? `no end after ${TIMEOUT_MS / 1000} s` : complaint(counted, parser, end);
      if (wrong) output += `\n${relative(process.cwd(), path)}: ${wrong}`;
      const result = wrong && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
      resolve({ totals: result, output, skipped, seconds: (performance.now() - start) / 1000 });
    };
    child.on('error', (error) => done(error.message));
    child.on('close', (code, signal) => done(signal ?? code));
  });
}

/** What is wrong with a file whose tests all passed: it died, broke off, or tested nothing. */
function complaint(counted, parser, end) {
  if (end !== 0) return `ended with ${end}`;
  if (!parser.ok)
    return `its TAP is not whole: ${parser.failures.map((failure) => failure.tapError ?? failure.name)}`;
  return counted.passed + counted.failed + counted.skipped === 0 ? 'has no test' : undefined;
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function stopAll(signal) {
  for (const child of running) kill(child);
  process.kill(process.pid, signal);
}
