// The kinds of tests there are, run one after the other, and their sum.
import { join } from 'node:path';
import { runCountedStage, runPlainStage } from './run-stage.mjs';
import { root, setUp } from './setup/setup.mjs';
import { orExplain, SetupError } from './setup/setup-error.mjs';
import { addTotals, noTotals, printTotals } from './totals.mjs';

const node = process.execPath;
const tap = join(root, 'test/run-tap.mjs');
const otherNode = (major) => join(root, `test/node_modules/node-${major}/bin/node`);
const makeTest = (target) => ['make', '-s', '-j2', '-C', 'native/test', target];
const slowest = [
  'bench/smoke',
  ...['encoder-replaced', 'memory', 'parallel-encoders', 'rtsp-network', 'soak'].map((name) => `e2e/${name}`),
];
// Other Nodes run what an application has of us: the SDK.
const sdk = ['core/', 'consumer/', 'ring/', 'crash/'];

const TEST_STAGES = {
  native: { title: 'native unit tests', counted: makeTest('unit') },
  // Builds the producer with crash points, which tests in TypeScript use as well.
  stress: { title: 'ring between processes: torn frames, kill -9', counted: makeTest('stress') },
  'stress-asan': {
    title: 'ring between processes under AddressSanitizer',
    counted: makeTest('stress-asan'),
    onlyLong: true,
  },
  tap: {
    title: `tests in Node ${process.version}`,
    counted: [node, tap],
    short: slowest.flatMap((file) => ['--except', file]),
  },
  'node-22': {
    title: 'tests of the SDK in Node 22',
    counted: [node, tap, '--node', otherNode(22), ...sdk],
    notShort: true,
  },
  'node-24': {
    title: 'tests of the SDK in Node 24',
    counted: [node, tap, '--node', otherNode(24), ...sdk],
    notShort: true,
  },
  camera: {
    title: 'V4L2 tests in the camera VM',
    counted: ['test/camera/run'],
    short: ['camera/controls', 'camera/devices', 'camera/pictures'],
  },
};

const CI_STAGES = {
  lint: { title: 'lint', plain: ['npm', 'run', '--silent', 'lint'] },
  types: { title: 'types', plain: ['npm', 'run', '--silent', 'typecheck'] },
  ...TEST_STAGES,
  models: { title: "models of the ring's memory orders, and their mutants", counted: makeTest('models') },
  asan: { title: 'native tests under AddressSanitizer', counted: makeTest('asan') },
  tsan: { title: 'native tests under ThreadSanitizer', counted: makeTest('tsan') },
  'tsan-mutants': { title: 'mutants that ThreadSanitizer must report', counted: makeTest('tsan-mutants') },
  fuzz: { title: "rings' headers and pictures of random bytes", counted: makeTest('fuzz') },
};

/**
 * npm test [-- STAGE...]: the test stages, or those named. `--ci` adds what .ci/run checks beside the
 * tests, `--long` runs the tests at their full numbers. Without either, and without names, it is the short
 * run: no other Nodes, no benches, no lossy networks, none of the slowest tests of the service, and part of
 * the camera tests. Ends with the totals and an exit code.
 */
export async function runTests(args) {
  const stages = args.includes('--ci') ? CI_STAGES : TEST_STAGES;
  const long = args.includes('--long');
  const names = args.filter((arg) => !arg.startsWith('--'));
  const isShort = !long && !args.includes('--ci') && names.length === 0;
  const usual = Object.keys(stages).filter(
    (name) => (long || !stages[name].onlyLong) && !(isShort && stages[name].notShort),
  );
  const env = { ...process.env, ...(long ? { CAMSTREAM_LONG: '1' } : {}) };
  await orExplain(() => {
    refuseUnknown(args, stages);
    setUp(args.includes('--ci') ? 'ci' : 'test');
  });
  let totals = noTotals;
  for (const name of names.length ? names : usual) {
    const { title, plain, short = [] } = stages[name];
    const counted = stages[name].counted && [...stages[name].counted, ...(isShort ? short : [])];
    const options = { cwd: root, env };
    totals = addTotals(
      totals,
      counted ? await runCountedStage(title, counted, options) : await runPlainStage(title, plain, options),
    );
  }
  console.log('');
  printTotals(totals);
}

function refuseUnknown(args, stages) {
  const known = [...Object.keys(stages), '--ci', '--long'];
  const unknown = args.filter((arg) => !known.includes(arg));
  if (unknown.length) throw new SetupError(`No stage ${unknown.join(', ')}. There are ${known.join(', ')}.`);
}
