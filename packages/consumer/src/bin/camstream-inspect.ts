import { setTimeout as sleep } from 'node:timers/promises';
import { CamstreamError } from '@camstream/core';
import { type InspectOptions, parseInspectOptions, usage } from '../inspect/inspect-options.js';
import { RingObservation } from '../inspect/ring-report.js';
import { ringTable } from '../inspect/ring-table.js';
import { writeRaw } from '../inspect/write-raw.js';

const lookMs = 500;
const watchMs = 1000;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') stop.abort();
});
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = parseInspectOptions(process.argv.slice(2));
    switch (options.kind) {
      case 'help':
        console.log(usage);
        return 0;
      case 'raw':
        await writeRaw(options.ring as string, process.stdout, stop.signal);
        return 0;
      case 'rings':
        return await showRings(options);
    }
  } catch (error) {
    if (!(error instanceof CamstreamError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    return error.code === 'USAGE' || error.code === 'RING_NAME' ? 2 : 1;
  }
}

async function showRings({ ring, json, watch }: InspectOptions): Promise<number> {
  const observation = new RingObservation();
  let code = 0;
  do {
    await sleep(watch ? watchMs : lookMs, undefined, { signal: stop.signal }).catch(() => undefined);
    if (stop.signal.aborted) break;
    const reports = observation.report(ring);
    if (ring !== undefined && reports.length === 0) {
      throw new CamstreamError(
        'RING_NOT_FOUND',
        `There is no ring '${ring}'. \`camstream-inspect\` lists those there are.`,
      );
    }
    if (json) for (const report of reports) console.log(JSON.stringify(report));
    else if (reports.length > 0) console.log(ringTable(reports));
    else console.log('No rings. `npm start`, or camstream-producer, makes some.');
    code = reports.some(({ error, state }) => error || state === 'dead' || state === 'closed') ? 1 : 0;
  } while (watch);
  return code;
}
