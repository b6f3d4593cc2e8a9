import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';

/** A producer in a process of its own, to be stopped and killed. */
export class RingProducer {
  private constructor(private readonly child: ChildProcess) {}

  static async start(
    t: Test,
    ring: { name: string; width?: number; height?: number; rate?: number },
  ): Promise<RingProducer> {
    const { name, width = 64, height = 16, rate = 50 } = ring;
    const child = fork(
      new URL('./ring-producer-process.js', import.meta.url),
      [name, width, height, rate].map(String),
    );
    t.teardown(() => child.kill('SIGKILL'));
    await once(child, 'message');
    return new RingProducer(child);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  publish(count: number): void {
    this.child.send({ publish: count });
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(name);
  }

  /** Ends it: `close` as a producer should, `kill` at once. */
  async end(how: 'close' | 'kill'): Promise<void> {
    const exit = once(this.child, 'exit');
    if (how === 'close') this.child.send('close');
    else this.child.kill('SIGKILL');
    await exit;
  }
}
