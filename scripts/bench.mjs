// npm run bench [-- QUESTION...]: sets up what is missing, then runs bench/ (see bench/README.md).
import './setup/require-node.mjs';

import('./setup/setup.mjs').then(async ({ root, setUp }) => {
  const { orExplain } = await import('./setup/setup-error.mjs');
  await orExplain(() => setUp('bench'));
  const program = `${root}/bench/dist/run.js`;
  process.argv = [process.argv[0], program, ...process.argv.slice(2)];
  await import(program);
});
