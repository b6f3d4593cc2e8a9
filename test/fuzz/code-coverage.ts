import { Session } from 'node:inspector';

/** What of some scripts has run, as V8 counts it block by block. */
export class CodeCoverage {
  private readonly session = new Session();

  /** `scripts`: a part of the URLs of those that count. */
  constructor(private readonly scripts: string) {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** The blocks that have run since it was last asked. */
  take(): Set<string> {
    const blocks = new Set<string>();
    this.session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      for (const { url, functions } of result) {
        if (!url.includes(this.scripts)) continue;
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) blocks.add(`${url} ${startOffset} ${endOffset}`);
          }
        }
      }
    });
    return blocks;
  }

  close(): void {
    this.session.disconnect();
  }
}
