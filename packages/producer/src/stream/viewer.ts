import type { Unit } from '../unit/unit.js';
import type { Delivery } from './delivery.js';

/** Whoever watches a stream: the stream calls, the viewer never makes it wait. */
export interface Viewer<U extends Unit = Unit> {
  /** What it was given; for status and metrics. */
  readonly delivery: Delivery;
  /**
   * What a viewer who joins shall begin with, oldest first: the last picture, or the units since the last key
   * frame. Called at most once, before the first offer(); not at all while there is nothing.
   */
  begin(units: readonly U[]): void;
  /** A unit as it is made. */
  offer(unit: U): void;
  /** The stream ends: nothing follows. */
  end(): void;
}
