// run-mutants.mjs PROGRAM...: runs programs that lack a memory order; ThreadSanitizer must report a data
// race in each. Ends in `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';

const RACE = 66;
// What a schedule does not show the next one may.
const ATTEMPTS = 5;

let passed = 0;
let failed = 0;
for (const program of process.argv.slice(2)) {
  const race = firstRace(program);
  if (race) passed += 1;
  else failed += 1;
  const name = basename(program);
  console.log(race ? `ok ${name} is reported at ${race}` : `not ok ${name} is not reported`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function firstRace(program) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { status, stderr } = spawnSync(program, ['--gtest_brief=1'], {
      encoding: 'utf8',
      timeout: 120_000,
      killSignal: 'SIGKILL',
      env: { ...process.env, TSAN_OPTIONS: `halt_on_error=1 exitcode=${RACE}` },
    });
    if (status === RACE && stderr.includes('ThreadSanitizer: data race')) {
      const place = /SUMMARY: ThreadSanitizer: data race (\S+)/.exec(stderr)?.[1] ?? 'unknown';
      return place.replace(/.*\/native\//, 'native/');
    }
  }
  return undefined;
}
