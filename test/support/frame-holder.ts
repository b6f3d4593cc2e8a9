import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import { AskedProcess } from './asked-process.js';
import { until } from './until.js';

/** What a holder is told to do. */
export type HolderOrder =
  | { readonly kind: 'take' }
  | { readonly kind: 'look' }
  | { readonly kind: 'sleep'; readonly ms: number };

/** The newest frame, taken whole. */
export interface TakenFrame {
  readonly sequence: number;
  readonly leased: boolean;
}

/** The frame that was taken, some time later. */
export interface LookedAtFrame {
  /** Its bytes are what they were. */
  readonly same: boolean;
  /** What the frame itself says. */
  readonly intact: boolean;
  /** FRAME_OVERWRITTEN if it could not be copied. */
  readonly copyError: string;
}

/** A process of its own that holds a frame through the SDK, to be put to sleep and to be stopped. */
export class FrameHolder {
  private constructor(private readonly process: AskedProcess) {}

  static async start(
    t: Test,
    ring: string,
    ringRoot = process.env.CAMSTREAM_RING_ROOT,
  ): Promise<FrameHolder> {
    const env = { ...process.env, CAMSTREAM_RING_ROOT: ringRoot };
    const program = new URL('./frame-holder-process.js', import.meta.url);
    const holder = new FrameHolder(new AskedProcess(t, program, [ring], env));
    await holder.process.answer();
    return holder;
  }

  /** Takes the newest frame and remembers its bytes' digest. */
  take(): Promise<TakenFrame> {
    return this.order({ kind: 'take' }) as Promise<TakenFrame>;
  }

  /** Blocks its only thread. */
  async sleep(ms: number): Promise<void> {
    await this.order({ kind: 'sleep', ms });
  }

  /** Looks at the frame again and gives it back. */
  look(): Promise<LookedAtFrame> {
    return this.order({ kind: 'look' }) as Promise<LookedAtFrame>;
  }

  /** SIGSTOP, and waits until it stands. */
  async stop(): Promise<void> {
    this.process.child.kill('SIGSTOP');
    const stateOf = () =>
      readFileSync(`/proc/${this.process.child.pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
    await until('it stands', () => stateOf() === 'T');
  }

  /** SIGCONT. */
  resume(): void {
    this.process.child.kill('SIGCONT');
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.process.child, 'exit');
    this.process.child.kill('SIGKILL');
    await gone;
  }

  private order(order: HolderOrder): Promise<unknown> {
    return this.process.ask(order);
  }
}
