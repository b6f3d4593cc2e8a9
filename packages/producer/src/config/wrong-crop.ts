import { isPixelFormat, type PixelFormat } from '@camstream/core';
import type { CameraConfig, Rectangle } from './config.js';
import type { Size } from './picture-size.js';
import { testPicture } from './test-picture.js';

/**
 * What is wrong with a part of a camera's picture, as the conversion would say it; undefined if nothing is,
 * or if the camera's size and format are not known before it is opened.
 */
export function wrongCrop(crop: Rectangle, camera: CameraConfig): string | undefined {
  const found = knownSize(camera);
  const format = knownFormat(camera);
  const what = `CONVERSION_CROP: Cannot crop to ${crop.width}x${crop.height} at ${crop.x},${crop.y}`;
  if (found && (crop.x + crop.width > found.width || crop.y + crop.height > found.height)) {
    return `${what}: the source has ${found.width}x${found.height}. Choose a part that lies inside.`;
  }
  if (format && ((sharesColumns(format) && crop.x % 2 !== 0) || (sharesRows(format) && crop.y % 2 !== 0))) {
    return `${what}: in ${format} neighbouring pixels share their colour. Choose even numbers for x and y.`;
  }
  return undefined;
}

/** A mode that was asked for is had exactly, or the camera is not opened. */
function knownSize({ mode, source }: CameraConfig): Size | undefined {
  if (mode.width > 0) return mode;
  return source.kind === 'test' ? testPicture : undefined;
}

function knownFormat({ mode, source }: CameraConfig): PixelFormat | undefined {
  if (isPixelFormat(mode.format)) return mode.format;
  return source.kind === 'test' && mode.format === '' ? testPicture.format : undefined;
}

function sharesColumns(format: PixelFormat): boolean {
  return !['rgb24', 'bgr24', 'gray8'].includes(format);
}

function sharesRows(format: PixelFormat): boolean {
  return ['nv12', 'nv21', 'i420', 'yv12'].includes(format);
}
