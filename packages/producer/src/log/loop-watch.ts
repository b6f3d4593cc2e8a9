import type { Log } from '@camstream/core';
import { Seldom } from './seldom.js';

const intervalMs = 250;
const blockedMs = 200;

/** Says when the event loop was held up: everything over the network waits for it. */
export class LoopWatch {
  private readonly seldom: Seldom;
  private readonly timer: NodeJS.Timeout;
  private dueMs = performance.now() + intervalMs;

  constructor(log: Log) {
    this.seldom = new Seldom(log, 'warn');
    this.timer = setInterval(() => this.look(), intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    const lateMs = Math.round(now - this.dueMs);
    if (lateMs > blockedMs)
      this.seldom.line({ lateMs }, 'the event loop was held up; is the machine overloaded?');
    this.dueMs = now + intervalMs;
  }
}
