import type { FramePlane, RingInfo } from '@camstream/consumer';

/** A picture's planes and how its colours are meant: a Frame has both. */
export interface Picture {
  readonly ring: RingInfo;
  readonly planes: readonly FramePlane[];
}

/** 0 to 255 each. */
export type Rgb = readonly [number, number, number];

/** The colour of one pixel, by the matrix and range that the ring's header says. Grey for `gray8`. */
export function colourAt(picture: Picture, x: number, y: number): Rgb {
  const { format, colour } = picture.ring;
  if (format === 'rgb24')
    return [at(picture, 0, 3 * x, y), at(picture, 0, 3 * x + 1, y), at(picture, 0, 3 * x + 2, y)];
  if (format === 'bgr24')
    return [at(picture, 0, 3 * x + 2, y), at(picture, 0, 3 * x + 1, y), at(picture, 0, 3 * x, y)];
  const [luma, blue, red] = samplesAt(picture, x, y);
  const full = colour.range === 'full';
  const scaledLuma = full ? luma : ((luma - 16) * 255) / 219;
  const scale = full ? 1 : 255 / 224;
  return toRgb(scaledLuma, (blue - 128) * scale, (red - 128) * scale, colour.matrix);
}

/** How far two colours are apart at most, in any channel. */
export function colourDistance(a: Rgb, b: Rgb): number {
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]), Math.abs(a[2] - b[2]));
}

function at({ planes }: Picture, plane: number, x: number, y: number): number {
  const { data, stride } = planes[plane] as FramePlane;
  return data[y * stride + x] as number;
}

/** Y, Cb, Cr as they are in memory. */
function samplesAt(picture: Picture, x: number, y: number): Rgb {
  const pair = 4 * (x >> 1);
  const half = [x >> 1, y >> 1] as const;
  switch (picture.ring.format) {
    case 'yuyv':
      return [at(picture, 0, 2 * x, y), at(picture, 0, pair + 1, y), at(picture, 0, pair + 3, y)];
    case 'uyvy':
      return [at(picture, 0, 2 * x + 1, y), at(picture, 0, pair, y), at(picture, 0, pair + 2, y)];
    case 'nv12':
      return [
        at(picture, 0, x, y),
        at(picture, 1, 2 * half[0], half[1]),
        at(picture, 1, 2 * half[0] + 1, half[1]),
      ];
    case 'nv21':
      return [
        at(picture, 0, x, y),
        at(picture, 1, 2 * half[0] + 1, half[1]),
        at(picture, 1, 2 * half[0], half[1]),
      ];
    case 'yv12':
      return [at(picture, 0, x, y), at(picture, 2, ...half), at(picture, 1, ...half)];
    case 'i420':
      return [at(picture, 0, x, y), at(picture, 1, ...half), at(picture, 2, ...half)];
    case 'gray8':
      return [at(picture, 0, x, y), 128, 128];
    default:
      throw new Error(`no samples of ${picture.ring.format}`);
  }
}

const weights: Readonly<Record<string, readonly [number, number]>> = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
};

function toRgb(luma: number, blue: number, red: number, matrix: string): Rgb {
  const found = weights[matrix];
  if (!found) throw new Error(`the header says matrix ${matrix}`);
  const [kr, kb] = found;
  const r = luma + 2 * (1 - kr) * red;
  const b = luma + 2 * (1 - kb) * blue;
  return [r, (luma - kr * r - kb * b) / (1 - kr - kb), b];
}
