import type { CameraAddon } from '@camstream/core';

/** What a picture of the test camera is checked against: a Frame has all of it. */
export interface CheckedPicture {
  readonly data: Uint8Array;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly capturedAtNs: bigint;
}

/** What is painted into a picture of the test camera, and what is wrong with it, if anything is. */
export interface PictureFinding {
  /** The camera's own number of the picture, lost ones counted. */
  readonly painted: number | undefined;
  readonly wrong: string | undefined;
}

/** Compares block code, every row's code and the frame's metadata with each other. */
export function checkPicture(addon: CameraAddon, picture: CheckedPicture): PictureFinding {
  const { data, format, width, height, capturedAtNs } = picture;
  const layout = { format, width, height };
  const code = addon.readBlockCode(data, layout);
  if (!code) return { painted: undefined, wrong: 'no block code' };
  const painted = code.sequence;
  const wrong = (what: string) => ({ painted, wrong: `picture ${painted}: ${what}` });
  const rows = addon.checkRows(data, layout);
  if (rows.torn) return wrong(`row ${rows.row} is of another picture`);
  if (rows.sequence !== (painted & 0xffff)) return wrong(`its rows say ${rows.sequence}`);
  if (code.capturedAtNs !== capturedAtNs) return wrong(`painted ${code.capturedAtNs}, told ${capturedAtNs}`);
  return { painted, wrong: undefined };
}
