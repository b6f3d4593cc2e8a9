/** Counters of a capture that never go back. */
export interface CaptureCounters {
  readonly published: number;
  readonly framesDropped: number;
}

interface Look {
  readonly atMs: number;
  readonly counters: CaptureCounters;
}

const windowMs = 2000;
const tooMuch = 0.01;

/** Whether a camera loses frames before its ring: the machine is too busy to fetch them in time. */
export class CaptureLoss {
  private looks: Look[] = [];

  constructor(private readonly counters: () => CaptureCounters) {}

  /** More than one frame in a hundred of the last two seconds. To be asked a few times a second. */
  isLosing(nowMs: number): boolean {
    const now = this.counters();
    this.looks = this.looks.filter(({ atMs }) => nowMs - atMs < windowMs);
    this.looks.push({ atMs: nowMs, counters: now });
    const { published, framesDropped } = this.looks[0]?.counters ?? now;
    const dropped = now.framesDropped - framesDropped;
    return dropped > 1 && dropped / (dropped + now.published - published) > tooMuch;
  }
}
