// npm start [-- ARGS]: sets up what is missing, then is camstream-producer: the same process, so that
// signals reach it once and its exit code is ours.
import './setup/require-node.mjs';

import('./setup/setup.mjs').then(async ({ root, setUp }) => {
  const { orExplain } = await import('./setup/setup-error.mjs');
  await orExplain(() => setUp('run'));
  const program = `${root}/packages/producer/dist/bin/camstream-producer.js`;
  process.argv = [process.argv[0], program, ...process.argv.slice(2)];
  await import(program);
});
