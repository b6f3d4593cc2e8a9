import type { NativeRing } from '@camstream/core';
import type { Keepable, KeptFrames } from './kept-frames.js';

/** A frame as the addon knows it. */
export interface HeldFrame {
  readonly ring: NativeRing;
  readonly id: bigint;
  /** Where close() finds the frame if no loop has it. */
  readonly kept: KeptFrames;
}

/**
 * Answers for one frame at a time, and gives it back if everybody who could have done so is gone: a slot
 * leased for ever would cost the other readers a lease. Frame and loop refer to the same duty, so that it
 * is collected only after both. Warns once a process.
 */
export class FrameDuty {
  readonly #record: DutyRecord = { held: undefined, ref: undefined };

  constructor() {
    registry.register(this, this.#record);
  }

  /** Answers for `held` from now on; `frame` is given if no loop has it. */
  assume(held: HeldFrame, frame?: Keepable): void {
    this.#record.held = held;
    this.#record.ref = frame && held.kept.add(frame);
  }

  /** `held` was released, or somebody else answers for it. */
  drop(held: HeldFrame): void {
    if (this.#record.held !== held) return;
    if (this.#record.ref) held.kept.forget(this.#record.ref);
    this.#record.held = undefined;
  }
}

interface DutyRecord {
  held: HeldFrame | undefined;
  ref: WeakRef<Keepable> | undefined;
}

let warned = false;

const registry = new FinalizationRegistry<DutyRecord>(({ held, ref }) => {
  if (ref) held?.kept.forget(ref);
  if (!held?.ring.release(held.id) || warned) return;
  warned = true;
  process.emitWarning(
    'A frame was dropped without being released; it kept its lease until the garbage collector found it. ' +
      'Call frame.release(), declare it with `using`, or read in a `for await` loop, which releases it.',
    { type: 'CamstreamWarning', code: 'FRAME_UNRELEASED' },
  );
});
