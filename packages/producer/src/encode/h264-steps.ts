import { type X264Preset, x264Presets } from '../config/h264-encoders.js';
import type { EncoderSettings } from './encoder.js';

/** One rung of an H.264 encoder's ladder. */
export interface H264Step extends EncoderSettings {
  readonly preset: X264Preset;
  /** Width and height are divided by it. */
  readonly scale: 1 | 2;
}

/** From what an H.264 encoder's ladder follows. */
export interface H264Ladder {
  readonly preset: X264Preset;
  /** x264 alone has any that we know. */
  readonly hasPresets: boolean;
  /** Frames a second that come; 0: unknown, and then there are no steps of rate. */
  readonly rate: number;
  readonly adapt: 'off' | 'rate' | 'size';
}

/**
 * The ladder of an H.264 encoder, from what is configured down: cheaper presets first, then rate, by whole
 * divisors so that what is left is even; size last, and only for a stream that says so.
 */
export function h264Steps({ preset, hasPresets, rate, adapt }: H264Ladder): readonly H264Step[] {
  const full = { preset, rate, scale: 1 } as const;
  if (adapt === 'off') return [step(full, hasPresets)];
  const cheaper = hasPresets ? x264Presets.slice(0, x264Presets.indexOf(preset)).reverse() : [];
  const cheapest = { ...full, preset: cheaper.at(-1) ?? preset };
  const rates = rate === 0 ? [] : [2, 4].map((divisor) => ({ ...cheapest, rate: rate / divisor }));
  const slowest = rates.at(-1) ?? cheapest;
  return [
    full,
    ...cheaper.map((name) => ({ ...full, preset: name })),
    ...rates,
    ...(adapt === 'size' ? [{ ...slowest, scale: 2 } as const] : []),
  ].map((rung) => step(rung, hasPresets));
}

function step({ preset, rate, scale }: Omit<H264Step, 'text'>, hasPresets: boolean): H264Step {
  const perSecond = `${Number(rate.toFixed(1))}/s`;
  const size = scale === 1 ? '' : ', half the size';
  return { text: `${hasPresets ? `preset ${preset}, ` : ''}${perSecond}${size}`, preset, rate, scale };
}
