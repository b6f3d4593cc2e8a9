import { type Profiler, Session } from 'node:inspector';

// Once for the process: V8 counts blocks only of functions that are compiled after this, and forgets how when
// it is switched off. What is to be covered must not have run before: this module is imported first.
const session = new Session();
session.connect();
session.post('Profiler.enable');
const ranBefore: string[] = [];
session.post('Profiler.getBestEffortCoverage', (error, { result }) => {
  if (error !== null) throw error;
  ranBefore.push(...result.filter(hasRun).map(({ url }) => url));
});
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * What of some scripts has run since this was last asked, as V8 counts it block by block. `scripts`: a part
 * of the URLs of those that count.
 */
export function takeCoverage(scripts: string): Set<string> {
  const tooEarly = ranBefore.find((url) => url.includes(scripts));
  if (tooEarly !== undefined) throw new Error(`${tooEarly} has run before test/fuzz/code-coverage.ts`);
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

/** Something in it; the script as a whole counts as run as soon as it is compiled. */
function hasRun({ functions }: Profiler.ScriptCoverage): boolean {
  return functions.some(
    ({ ranges: [whole] }) => whole !== undefined && whole.startOffset > 0 && whole.count > 0,
  );
}
