import type { Test } from 'tap';
import { AskedProcess } from './asked-process.js';

/** Sequences of the ring, both included. */
export interface PictureRange {
  readonly first: number;
  readonly last: number;
}

/** What a reader under `every` saw of a range. */
export interface CheckedRange {
  /** Different frames of the range, whole. */
  readonly seen: number;
  /** Of these, under a lease. */
  readonly leased: number;
  /** Frames checked, those before the range included. */
  readonly checked: number;
  /** Frames that changed while they were looked at, and said so: only without a lease. */
  readonly overwritten: number;
  /** What was wrong with frames that said that they are whole. */
  readonly wrong: readonly string[];
}

/** A process of its own that reads every frame of a test camera's ring through the SDK and checks it. */
export class PictureChecker {
  private constructor(private readonly process: AskedProcess) {}

  /** Starts it and waits until it has frames. */
  static async start(t: Test, ring: string): Promise<PictureChecker> {
    const program = new URL('./picture-checker-process.js', import.meta.url);
    const checker = new PictureChecker(new AskedProcess(t, program, [ring]));
    await checker.process.answer();
    return checker;
  }

  /** Reads to the end of a range that has not begun yet. The process ends with it. */
  check(range: PictureRange): Promise<CheckedRange> {
    return this.process.ask(range) as Promise<CheckedRange>;
  }
}
