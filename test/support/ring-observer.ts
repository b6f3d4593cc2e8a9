import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Frame, RingInfo } from '@camstream/consumer';
import type { Test } from 'tap';
import type { Rgb } from './pixel-colour.js';

/** What to look at. */
export interface Observation {
  readonly ring: string;
  readonly frames: number;
  /** Count them only from the first one flagged as a discontinuity; those before it are told too. */
  readonly fromDiscontinuity?: boolean;
  /** Places whose colour is wanted, as fractions of width and height; taken from the last frame. */
  readonly places: readonly (readonly [number, number])[];
}

/** What another process saw through the SDK, under the policy `every`. */
export interface Observed {
  readonly info: RingInfo;
  readonly frames: readonly ObservedFrame[];
  readonly colours: readonly Rgb[];
}

/** One frame without its bytes. Times in ns. */
export interface ObservedFrame {
  readonly sequence: number;
  readonly missed: number;
  readonly droppedBefore: number;
  readonly flags: Frame['flags'];
  readonly capturedAtNs: number;
  readonly publishedAtNs: number;
  readonly bytes: number;
}

/** A process of its own that reads rings through the SDK. */
export class RingObserver {
  private readonly child: ChildProcess = fork(new URL('./ring-observer-process.js', import.meta.url));

  constructor(t: Test) {
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  async observe(observation: Observation): Promise<Observed> {
    this.child.send(observation);
    const answer = await Promise.race([once(this.child, 'message'), once(this.child, 'exit')]);
    if (typeof answer[0] !== 'object' || answer[0] === null)
      throw new Error(`the observer ended with ${answer}`);
    if ('error' in answer[0]) throw new Error(String(answer[0].error));
    return answer[0] as Observed;
  }
}
