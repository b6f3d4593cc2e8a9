import { Session } from 'node:inspector';

// Once for the process, and before anything runs: V8 counts blocks only of functions that are compiled after
// this, and forgets how when it is switched off.
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * What of some scripts has run since this was last asked, as V8 counts it block by block. `scripts`: a part
 * of the URLs of those that count.
 */
export function takeCoverage(scripts: string): Set<string> {
  const blocks = new Set<string>();
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    for (const { url, functions } of result) {
      if (!url.includes(scripts)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) blocks.add(`${url} ${startOffset} ${endOffset}`);
        }
      }
    }
  });
  return blocks;
}
