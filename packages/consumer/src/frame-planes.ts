import type { PlaneGeometry } from '@camstream/core';

/** One plane of a frame. `data` has `stride * rows` bytes; a row's pixels come first, padding after. */
export interface FramePlane {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly stride: number;
  readonly rows: number;
}

/** The planes of a frame whose bytes are `data`. All have length 0 once the frame is released. */
export function framePlanes(
  data: Uint8Array<ArrayBuffer>,
  geometry: readonly PlaneGeometry[],
): readonly FramePlane[] {
  return geometry.map(({ offset, stride, rows }) => ({
    data: data.subarray(offset, offset + stride * rows),
    stride,
    rows,
  }));
}
