import { CamstreamError } from '../errors.js';

/**
 * The raw pixel formats by the names that configuration and SDK use. Bytes in memory, first to last:
 * `rgb24` is R,G,B; `bgr24` is B,G,R (what OpenCV expects); `i420` is Y, U, V planes; `nv12` is Y and
 * interleaved UV.
 */
export const pixelFormats = ['yuyv', 'uyvy', 'nv12', 'i420', 'rgb24', 'bgr24', 'gray8'] as const;

/** One of `pixelFormats`. */
export type PixelFormat = (typeof pixelFormats)[number];

/** The V4L2 fourcc of each format, as it stands in a ring's header. */
const fourccNames: Readonly<Record<PixelFormat, string>> = {
  yuyv: 'YUYV',
  uyvy: 'UYVY',
  nv12: 'NV12',
  i420: 'YU12',
  rgb24: 'RGB3',
  bgr24: 'BGR3',
  gray8: 'GREY',
};

/** The V4L2 fourcc as a number, for instance 0x56595559 for yuyv. */
export function fourccOf(format: PixelFormat): number {
  return Buffer.from(fourccNames[format], 'latin1').readUInt32LE(0);
}

/** Four letters for people: 'NV12'. */
export function fourccText(fourcc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(fourcc >>> 0);
  return bytes.toString('latin1');
}

/** The format of a fourcc. Throws RING_FORMAT for one that this version does not know. */
export function pixelFormatOf(fourcc: number): PixelFormat {
  const text = fourccText(fourcc);
  const format = pixelFormats.find((name) => fourccNames[name] === text);
  if (format) return format;
  throw new CamstreamError(
    'RING_FORMAT',
    `The ring holds frames of format ${JSON.stringify(text)}, which this version of camstream does not ` +
      `know (${pixelFormats.join(', ')}). Install the version that the producer runs.`,
  );
}

/** Whether `value` names a pixel format. */
export function isPixelFormat(value: unknown): value is PixelFormat {
  return pixelFormats.includes(value as PixelFormat);
}
