import { readFileSync } from 'node:fs';
import { hasErrorCode } from '@camstream/core';
import { main } from '../main.js';

// The program: everything it does is in main.ts, so that tests may call it.

for (const stream of [process.stdout, process.stderr]) {
  // Whoever read our output may leave; that is no reason to stop.
  stream.on('error', (error) => {
    if (!hasErrorCode(error, 'EPIPE')) throw error;
  });
}
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
process.exit(await main(process.argv.slice(2), version));
