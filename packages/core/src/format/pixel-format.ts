/**
 * The raw pixel formats by the names that configuration and SDK use. Bytes in memory, first to last:
 * `rgb24` is R,G,B; `bgr24` is B,G,R (what OpenCV expects); `i420` is Y, U, V planes, `yv12` Y, V, U;
 * `nv12` is Y and interleaved U,V, `nv21` Y and interleaved V,U.
 */
export const pixelFormats = [
  'yuyv',
  'uyvy',
  'nv12',
  'nv21',
  'i420',
  'yv12',
  'rgb24',
  'bgr24',
  'gray8',
] as const;

/** One of `pixelFormats`. */
export type PixelFormat = (typeof pixelFormats)[number];

/**
 * What the frames of a ring are: a raw format that can be converted, a camera's compressed pictures (each
 * frame as long as it is), or a raw format that is passed on as the driver gives it, with its four letters.
 */
export type RingFormat = PixelFormat | 'mjpeg' | 'h264' | `fourcc:${string}`;

/** The V4L2 fourcc of each format, as it stands in a ring's header. */
const fourccNames: Readonly<Record<PixelFormat, string>> = {
  yuyv: 'YUYV',
  uyvy: 'UYVY',
  nv12: 'NV12',
  nv21: 'NV21',
  i420: 'YU12',
  yv12: 'YV12',
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

/** The format of a ring's fourcc: 'yuyv', 'mjpeg', 'fourcc:NV16'. */
export function ringFormatOf(fourcc: number): RingFormat {
  const text = fourccText(fourcc);
  if (text === 'MJPG') return 'mjpeg';
  if (text === 'H264') return 'h264';
  return pixelFormats.find((name) => fourccNames[name] === text) ?? `fourcc:${text}`;
}

/** Whether `value` names a pixel format. */
export function isPixelFormat(value: unknown): value is PixelFormat {
  return pixelFormats.includes(value as PixelFormat);
}
