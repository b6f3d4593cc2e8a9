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
const mostDoubtUs = 250;
/** Frames seen before a rhythm is believed in. */
const leastSeen = 8;

/**
 * The rhythm in which a ring's frames come, learnt from those that came as a phase-locked loop learns it: a
 * camera is regular to some tens of microseconds, and a frame that was held up does not throw it off.
 */
export class Anticipation {
  #seen = 0;
  #sequence = 0;
  #firstSequence = 0;
  #firstNs = 0n;
  /** When the last frame was due, after #firstNs. */
  #phaseUs = 0;
  #periodUs = 0;
  #doubtUs = mostErrorUs;
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
    const atUs = Number(publishedNs - this.#firstNs) / 1000;
    this.#seen += 1;
    this.#sequence = sequence;
    if (this.#seen <= leastSeen) {
      this.#phaseUs = atUs;
      this.#periodUs = atUs / (sequence - this.#firstSequence);
      return;
    }
    const expectedUs = this.#phaseUs + frames * this.#periodUs;
    const offUs = atUs - expectedUs;
    const errorUs = Math.max(-mostErrorUs, Math.min(mostErrorUs, offUs));
    this.#offInARow = errorUs === offUs ? 0 : this.#offInARow + 1;
    this.#phaseUs = expectedUs + errorUs / 4;
    this.#periodUs += errorUs / frames / 32;
    this.#doubtUs += (Math.abs(errorUs) - this.#doubtUs) / 16;
  }

  /** The next frame's; undefined: there is no rhythm, or the frame is overdue. */
  appointment(nowNs: bigint): Appointment | undefined {
    if (this.#seen <= leastSeen || this.#doubtUs > mostDoubtUs) return undefined;
    const doubtUs = Math.max(leastDoubtUs, 2 * this.#doubtUs);
    const dueUs = this.#phaseUs + this.#periodUs - Number(nowNs - this.#firstNs) / 1000;
    const endUs = dueUs + doubtUs;
    if (endUs <= 0) return undefined;
    const inUs = dueUs - doubtUs - leadUs;
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
    this.#sequence = this.#firstSequence = sequence;
    this.#firstNs = publishedNs;
    this.#phaseUs = 0;
    this.#doubtUs = mostErrorUs;
    this.#offInARow = 0;
  }
}
