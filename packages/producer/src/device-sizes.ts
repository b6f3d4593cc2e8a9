import type { NativeCameraMode } from '@camstream/core';

/** The sizes of one format, each with its rates: `1280x720 (30, 15)`. */
export function sizesOf(modes: readonly NativeCameraMode[]): string[] {
  const sizes = [...new Set(modes.map(({ width, height }) => `${width}x${height}`))];
  return sizes.map((size) => {
    const rates = modes.filter(({ width, height, rate }) => `${width}x${height}` === size && rate > 0);
    const text = [...new Set(rates.map(({ rate }) => String(Number(rate.toPrecision(4)))))].join(', ');
    return text === '' ? size : `${size} (${text})`;
  });
}
