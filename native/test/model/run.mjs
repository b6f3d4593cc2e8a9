// run.mjs PROGRAM: runs every model as it is (must hold, and every outcome must be seen) and every
// mutant (must fail). Prints one line each and ends in `N passed, N failed`.
//
// A mutant is a sync point without its order, or a break that a model brings along. Every sync point of
// native/src/ring/atomics.h must be in PROOFS or in ARGUED; a new one without either fails the run.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Sync point -> the model that fails without its order. */
const PROOFS = {
  kWriterOddFence: ['seqlock', 'lease-slot'],
  kWriterScanWord: ['lease-slot'],
  kWriterPublishVersion: ['seqlock'],
  kWriterPublishHead: ['head'],
  kWriterRevoke: ['revoke-released'],
  kWriterRevokeFence: ['revoke-inside'],
  kWriterWake: ['wake'],
  kReaderHead: ['head', 'next'],
  kReaderVersion: ['seqlock'],
  kReaderCheckFence: ['seqlock', 'revoke-hung'],
  kReaderWake: ['wake'],
  kLeaseStore: ['lease-ring'],
  kLeaseFence: ['lease-slot'],
  kLeaseClear: ['lease-slot'],
  kMemberAdd: ['join'],
  kMemberAddFence: ['join-wake'],
  kMemberScan: ['join', 'leave'],
  kVisitBegin: ['leave'],
  kVisitFence: ['join-wake', 'leave'],
  kVisitEnd: ['leave'],
  kMemberRemove: ['leave'],
  kMemberRemoveFence: ['leave'],
  kMemberQuiet: ['leave'],
};

/** Sync points that no model can make fail; docs/memory-model.md says why they stay. */
const ARGUED = ['kWriterGiveBack'];

const program = process.argv[2];
if (!program) {
  console.error('usage: run.mjs PROGRAM');
  process.exit(2);
}

const { points, models } = JSON.parse(await outputOf(['list']));
const queue = [...wholeModels(), ...weakenedPoints(), ...brokenModels(), ...pointsThatAreGone()];
let passed = 0;
let failed = 0;
await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function wholeModels() {
  return models.map(({ name, shows }) => ({ title: `model ${name}: ${shows}`, args: [name], holds: true }));
}

function weakenedPoints() {
  return points.flatMap(({ name, code }) => {
    if (!PROOFS[name] && !ARGUED.includes(name)) {
      return [{ title: `${code} ${name} has neither proof nor argument` }];
    }
    return (PROOFS[name] ?? []).map((model) => ({
      title: `mutant ${code} ${name} in ${model}`,
      args: [model, '--weaken', name],
      holds: false,
    }));
  });
}

function brokenModels() {
  return models.flatMap(({ name, breaks }) =>
    breaks.map((what, index) => ({
      title: `mutant of ${name}: ${what}`,
      args: [name, '--break', `${index + 1}`],
      holds: false,
    })),
  );
}

function pointsThatAreGone() {
  return [...Object.keys(PROOFS), ...ARGUED]
    .filter((name) => !points.some((point) => point.name === name))
    .map((name) => ({ title: `${name} is no sync point (any more)` }));
}

async function work() {
  for (let job = queue.shift(); job; job = queue.shift()) await runJob(job);
}

async function runJob({ title, args, holds }) {
  if (!args) return report(false, title, '');
  const { code, output } = await run(['run', ...args]);
  const right = code === (holds ? 0 : 1);
  report(right, title, right || holds ? output : `${output} (a mutant that nothing notices)`);
}

function report(right, title, detail) {
  if (right) passed += 1;
  else failed += 1;
  console.log(`${right ? 'ok' : 'not ok'} ${title}`);
  for (const line of detail.split('\n').filter(Boolean)) console.log(`     ${line}`);
}

async function outputOf(args) {
  const { code, output } = await run(args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${output}`);
  return output;
}

function run(args) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    child.on('error', (error) => resolve({ code: undefined, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output: output.trim() }));
  });
}
