import type { NativeNeeds } from '@camstream/core';
import type { Config, PictureConfig } from './config.js';

/** The largest size and the highest rate that the rings and streams made from a camera want of it. */
export function cameraNeeds(
  camera: string,
  { rings, streams }: Pick<Config, 'rings' | 'streams'>,
): NativeNeeds {
  const needs = [...rings, ...streams]
    .filter((one) => one.camera === camera)
    .map(({ picture }) => needOf(picture));
  const most = (key: keyof NativeNeeds) => Math.max(0, ...needs.map((need) => need[key]));
  return { width: most('width'), height: most('height'), rate: most('rate') };
}

/** What a picture is cut from: as large as itself, or so large that its crop lies inside. */
function needOf({ width, height, rate, crop, rotate }: PictureConfig): NativeNeeds {
  if (crop) return { width: crop.x + crop.width, height: crop.y + crop.height, rate };
  return rotate === 90 || rotate === 270 ? { width: height, height: width, rate } : { width, height, rate };
}
