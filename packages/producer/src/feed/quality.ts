import type { Log } from '@camstream/core';
import type { LoadConfig } from '../config/config.js';
import { type ControlledStream, Ladder, type LoadReport } from './ladder.js';

const lookEveryMs = 500;

/**
 * Steps encoders down that cannot keep up, and up again when they can. One step at a time in the whole
 * service, so that its effect is seen before the next; raw rings and other streams' encoders are not touched.
 */
export class Quality {
  private readonly ladders: readonly Ladder[];
  private nextStepMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    streams: readonly ControlledStream[],
    private readonly config: LoadConfig,
    private readonly log: Log,
  ) {
    this.ladders = streams.map((stream) => new Ladder(stream, config));
  }

  start(): void {
    if (!this.config.enabled) return;
    this.timer = setInterval(() => this.look(performance.now()), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Undefined for a stream that is not controlled. */
  reportOf(stream: string): LoadReport | undefined {
    return this.ladders.find(({ name }) => name === stream)?.report;
  }

  /** Looks at every encoder and takes a step if it is time for one. start() calls it by itself. */
  look(nowMs: number): void {
    for (const ladder of this.ladders) ladder.look(nowMs);
    if (nowMs < this.nextStepMs) return;
    const [worst] = this.ladders
      .filter((ladder) => ladder.isDueDown(nowMs))
      .sort((a, b) => b.ratio - a.ratio);
    if (worst !== undefined) this.take(worst, 1, nowMs);
    // While somebody is late there is nothing to give away.
    if (this.ladders.some(({ isLate }) => isLate)) return;
    const [lowest] = this.ladders.filter((ladder) => ladder.isDueUp(nowMs)).sort((a, b) => b.step - a.step);
    if (worst === undefined && lowest !== undefined) this.take(lowest, -1, nowMs);
  }

  private take(ladder: Ladder, direction: 1 | -1, nowMs: number): void {
    const facts = ladder.take(direction, nowMs);
    this.nextStepMs = nowMs + this.config.afterMs;
    if (direction === 1) this.log.warn(facts, 'stream stepped down: its encoder cannot keep up');
    else this.log.info(facts, 'stream stepped up again');
  }
}
