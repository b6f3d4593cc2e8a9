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
const code = await main(process.argv.slice(2), version);
// A long answer is more than a pipe holds: what was written may still be on its way.
if (process.stdout.writableLength === 0) process.exit(code);
process.stdout.write('', () => process.exit(code));
