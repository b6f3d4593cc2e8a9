// The kinds of tests that `npm test` runs, one after the other, and their sum.
import { join } from 'node:path';
import { runStage } from './run-stage.mjs';
import { root, setUp } from './setup/setup.mjs';
import { orExplain, SetupError } from './setup/setup-error.mjs';
import { addTotals, noTotals, printTotals } from './totals.mjs';

const node = process.execPath;
const tap = join(root, 'test/run-tap.mjs');
const otherNode = (major) => join(root, `test/node_modules/node-${major}/bin/node`);
// Other Nodes run what an application has of us: the SDK.
const sdk = ['core/', 'consumer/'];

const STAGES = {
  native: { title: 'native unit tests', command: ['make', '-s', '-j2', '-C', 'native/test', 'unit'] },
  tap: { title: `tests in Node ${process.version}`, command: [node, tap] },
  'node-22': { title: 'tests of the SDK in Node 22', command: [node, tap, '--node', otherNode(22), ...sdk] },
  'node-24': { title: 'tests of the SDK in Node 24', command: [node, tap, '--node', otherNode(24), ...sdk] },
  camera: { title: 'V4L2 tests in the camera VM', command: ['test/camera/run'] },
};

/** Runs all stages, or those named in `args`; ends with the totals and an exit code. */
export async function runTests(args) {
  const long = args.includes('--long');
  const names = args.filter((arg) => arg !== '--long');
  await orExplain(() => {
    const unknown = names.filter((name) => !(name in STAGES));
    if (unknown.length)
      throw new SetupError(`No stage ${unknown.join(', ')}; there are ${Object.keys(STAGES).join(', ')}.`);
    setUp('test');
  });
  const env = { ...process.env, ...(long ? { CAMSTREAM_LONG: '1' } : {}) };
  let totals = noTotals;
  for (const name of names.length ? names : Object.keys(STAGES)) {
    totals = addTotals(totals, await runStage(STAGES[name].title, STAGES[name].command, { cwd: root, env }));
  }
  printTotals(totals);
}
