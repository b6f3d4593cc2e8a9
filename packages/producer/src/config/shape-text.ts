import type { RingFormat } from '@camstream/core';

/** What people want to know of a ring's frames. */
export interface RingLook {
  readonly width: number;
  readonly height: number;
  readonly format: RingFormat;
  readonly rate: number;
}

/** 1920x1080 yuyv 60/s */
export function shapeText({ width, height, format, rate }: RingLook): string {
  return `${width}x${height} ${format} ${Number(rate.toFixed(3))}/s`;
}
