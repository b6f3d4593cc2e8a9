import { type Log, loadCameraAddon } from '@camstream/core';
import type { Config } from './config/config.js';
import type { RingFolder } from './config/ring-place.js';
import { createLogger } from './log/logger.js';
import { Producer } from './producer.js';
import { type Summary, summaryText } from './summary.js';

/** Runs the service until it is told to stop or fails. Returns 0 after a clean shutdown. */
export async function run(config: Config, folder: RingFolder, version: string): Promise<number> {
  const log = createLogger(config.log, (line) => process.stderr.write(line));
  // Our encoders read rings as everybody does; they shall look where we make them, and nowhere else.
  process.env.CAMSTREAM_RING_ROOT = folder.root;
  const stopSignal = nextStopSignal(log);
  const starting = Producer.start({ config, folder, addon: loadCameraAddon(), log, version });
  if ((await Promise.race([starting, stopSignal])) === 'stop') {
    // Told to stop while it was starting: what has been opened has to be closed.
    await starting.then((producer) => producer.stop()).catch(() => {});
    return 0;
  }
  const producer = await starting;
  announce(producer.summary(), config, log);
  try {
    await Promise.race([stopSignal, producer.failed]);
  } finally {
    await producer.stop();
  }
  log.info({}, 'stopped');
  return 0;
}

function announce(summary: Summary, config: Config, log: Log): void {
  if (config.log.format === 'text') {
    process.stdout.write(summaryText(summary));
    return;
  }
  const { version, ringRoot, streams, warnings } = summary;
  log.info({ version, ringRoot, streams }, 'running');
  for (const warning of warnings) log.warn({}, warning);
}

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/** Resolves at the first SIGTERM or SIGINT. The next one ends the process at once. */
function nextStopSignal(log: Log): Promise<'stop'> {
  return new Promise((resolve) => {
    const take = (signal: NodeJS.Signals) => {
      for (const one of stopSignals) {
        // From here on the kernel ends us, whatever hangs; but not process 1 of a container, which it spares.
        process.off(one, take);
        if (process.pid === 1) process.on(one, () => process.exit(1));
      }
      log.info({ signal }, 'stopping; once more stops at once');
      resolve('stop');
    };
    for (const one of stopSignals) process.on(one, take);
  });
}
