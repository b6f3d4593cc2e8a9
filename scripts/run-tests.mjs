// npm test [-- [--long] [STAGE...]]: sets up what is missing, runs every kind of test and prints their sum.
import './setup/require-node.mjs';

import('./test-stages.mjs').then(({ runTests }) => runTests(process.argv.slice(2)));
