import type { NativeRing } from '@camstream/core';

/** When to be awake for the next frame, in microseconds from now. */
export interface Appointment {
  /** Until then there is time to sleep; 0 or less: it is time. */
  readonly inUs: number;
  /** How long to watch for the frame, from then on. */
  readonly forUs: number;
}

/** How often a reader was awake for a frame. */
export interface AnticipationCounts {
  /** Times it woke up before a frame was due. */
  readonly appointments: number;
  /** Frames that came while it watched. */
  readonly met: number;
}

/** For waking up and going through the motions once, with cold caches. */
const leadUs = 400;
const leastDoubtUs = 100;
/** A frame that is off by more says nothing of the rhythm: somebody was held up. */
const mostErrorUs = 500;
/** Beyond this there is no rhythm to speak of. */
const mostDoubtUs = 600;
/** How fast the doubt shrinks with each frame that came within it; one outside counts nine times. */
const doubtStepUs = 5;
/** How many frames the rhythm is learnt from: half a second of them, at 60/s. */
const memory = 32;
/** Frames seen before a rhythm is believed in. */
const leastSeen = 8;

/**
 * The rhythm in which a ring's frames come, learnt from those that came as a phase-locked loop learns it: a
 * camera is regular to some tens of microseconds, and a frame that was held up does not throw it off.
 */
export class Anticipation {
  #seen = 0;
  #sequence = 0;
  #firstNs = 0n;
  /** When the last frame was due, after #firstNs. */
  #phaseUs = 0;
  #periodUs = 0;
  /** Nine frames in ten are off by less. */
  #doubtUs = mostDoubtUs;
  #offInARow = 0;
  #appointments = 0;
  #met = 0;

  get counts(): AnticipationCounts {
    return { appointments: this.#appointments, met: this.#met };
  }

  /** A frame has been taken. */
  observe(sequence: number, publishedNs: bigint): void {
    const frames = sequence - this.#sequence;
    if (this.#seen === 0 || frames < 1 || this.#offInARow >= leastSeen) {
      this.#begin(sequence, publishedNs);
      return;
    }
    this.#sequence = sequence;
    const atUs = Number(publishedNs - this.#firstNs) / 1000;
    const expectedUs = this.#phaseUs + frames * this.#periodUs;
    const offUs = atUs - expectedUs;
    const learning = this.#seen <= leastSeen;
    const errorUs = learning ? offUs : Math.max(-mostErrorUs, Math.min(mostErrorUs, offUs));
    this.#offInARow = errorUs === offUs ? 0 : this.#offInARow + 1;
    // The least squares line through the frames so far; from `memory` of them on it forgets the oldest.
    const n = Math.min(this.#seen, memory);
    this.#phaseUs = expectedUs + (errorUs * 2 * (2 * n + 1)) / ((n + 1) * (n + 2));
    this.#periodUs += (errorUs * 6) / ((n + 1) * (n + 2) * frames);
    this.#seen += 1;
    if (learning) return;
    this.#doubtUs += Math.abs(offUs) > this.#doubtUs ? 9 * doubtStepUs : -doubtStepUs;
    this.#doubtUs = Math.max(leastDoubtUs, Math.min(2 * mostDoubtUs, this.#doubtUs));
  }

  /** The next frame's; undefined: there is no rhythm, or the frame is overdue. */
  appointment(nowNs: bigint): Appointment | undefined {
    if (this.#seen <= leastSeen || this.#doubtUs > mostDoubtUs) return undefined;
    const dueUs = this.#phaseUs + this.#periodUs - Number(nowNs - this.#firstNs) / 1000;
    const endUs = dueUs + this.#doubtUs;
    if (endUs <= 0) return undefined;
    const inUs = dueUs - this.#doubtUs - leadUs;
    return { inUs, forUs: endUs - Math.max(0, inUs) };
  }

  /** Rehearses, then watches for a frame newer than `after` as agreed. True: it is there. */
  keep(ring: NativeRing, after: number, { forUs }: Appointment, rehearse: () => void): boolean {
    const begunNs = process.hrtime.bigint();
    rehearse();
    const leftUs = forUs - Number(process.hrtime.bigint() - begunNs) / 1000;
    const there = leftUs > 0 && ring.watch(after, leftUs);
    this.#appointments += 1;
    if (there) this.#met += 1;
    return there;
  }

  #begin(sequence: number, publishedNs: bigint): void {
    this.#seen = 1;
    this.#sequence = sequence;
    this.#firstNs = publishedNs;
    this.#phaseUs = this.#periodUs = 0;
    this.#doubtUs = mostDoubtUs;
    this.#offInARow = 0;
  }
}
