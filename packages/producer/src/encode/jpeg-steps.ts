import type { EncoderSettings } from './encoder.js';

/** One rung of a JPEG encoder's ladder. */
export interface JpegStep extends EncoderSettings {
  readonly quality: number;
  readonly scale: 1 | 2;
}

/** From what a JPEG encoder's ladder follows. */
export interface JpegLadder {
  readonly quality: number;
  /** Frames a second that come; 0: unknown, and then there are no steps of rate. */
  readonly rate: number;
  readonly adapt: 'off' | 'rate' | 'size';
}

const lowestQuality = 30;

/**
 * The ladder of a JPEG encoder, from what is configured down: quality first, then rate, by whole divisors so
 * that what is left is even; size last, and only for a stream that says so.
 */
export function jpegSteps({ quality, rate, adapt }: JpegLadder): readonly JpegStep[] {
  const full = { quality, rate, scale: 1 } as const;
  if (adapt === 'off') return [step(full)];
  const qualities = [0.75, 0.5]
    .map((share) => Math.round(quality * share))
    .filter((lower) => lower >= lowestQuality);
  const low = { ...full, quality: qualities.at(-1) ?? quality };
  const rates = rate === 0 ? [] : [2, 4].map((divisor) => ({ ...low, rate: rate / divisor }));
  const slow = rates.at(-1) ?? low;
  return [
    full,
    ...qualities.map((lower) => ({ ...full, quality: lower })),
    ...rates,
    ...(adapt === 'size' ? [{ ...slow, scale: 2 } as const] : []),
  ].map(step);
}

/** The ladder of a camera's own pictures: of these there can only be fewer. */
export function passThroughSteps({ rate, adapt }: Pick<JpegLadder, 'rate' | 'adapt'>): EncoderSettings[] {
  const rates = adapt === 'off' || rate === 0 ? [rate] : [rate, rate / 2, rate / 4];
  return rates.map((one) => (one === 0 ? allPictures : { text: `${Number(one.toFixed(1))}/s`, rate: one }));
}

/** The only step of pictures that need each other. */
export const allPictures: EncoderSettings = { text: 'all pictures', rate: 0 };

function step({ quality, rate, scale }: Omit<JpegStep, 'text'>): JpegStep {
  const size = scale === 1 ? '' : ', half the size';
  return { text: `quality ${quality}, ${Number(rate.toFixed(1))}/s${size}`, quality, rate, scale };
}
