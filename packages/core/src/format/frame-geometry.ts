import type { PixelFormat } from './pixel-format.js';

/** Where one plane lies in a frame: bytes from the frame's start, bytes a row, number of rows. */
export interface PlaneGeometry {
  readonly offset: number;
  readonly stride: number;
  readonly rows: number;
}

/** Size, format and planes of a frame. */
export interface FrameGeometry {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly planes: readonly PlaneGeometry[];
}

/**
 * The planes of a frame without padding. Odd sizes: chroma is rounded up, and rows of yuyv and uyvy
 * have an even number of pixels.
 */
export function packedPlanes(format: PixelFormat, width: number, height: number): readonly PlaneGeometry[] {
  const halfWidth = Math.ceil(width / 2);
  const halfHeight = Math.ceil(height / 2);
  switch (format) {
    case 'yuyv':
    case 'uyvy':
      return stacked([[halfWidth * 4, height]]);
    case 'nv12':
    case 'nv21':
      return stacked([
        [width, height],
        [halfWidth * 2, halfHeight],
      ]);
    case 'i420':
    case 'yv12':
      return stacked([
        [width, height],
        [halfWidth, halfHeight],
        [halfWidth, halfHeight],
      ]);
    case 'rgb24':
    case 'bgr24':
      return stacked([[width * 3, height]]);
    case 'gray8':
      return stacked([[width, height]]);
  }
}

/** Bytes from a frame's first to its last, row padding included. */
export function frameByteLength(planes: readonly PlaneGeometry[]): number {
  return planes.reduce((end, plane) => Math.max(end, plane.offset + plane.stride * plane.rows), 0);
}

function stacked(sizes: readonly (readonly [stride: number, rows: number])[]): readonly PlaneGeometry[] {
  let offset = 0;
  return sizes.map(([stride, rows]) => {
    const plane = { offset, stride, rows };
    offset += stride * rows;
    return plane;
  });
}
