import type { PictureConfig } from './config.js';

/** Width and height of a picture. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size a derived picture gets: what was asked for, else what crop and rotation leave of the camera's. */
export function pictureSize(picture: PictureConfig, camera: Size): Size {
  if (picture.width > 0) return { width: picture.width, height: picture.height };
  const { width, height } = picture.crop ?? camera;
  return picture.rotate === 90 || picture.rotate === 270
    ? { width: height, height: width }
    : { width, height };
}

/** Whether a derived picture is a camera's own, of any rate: neither another size nor cut nor turned. */
export function isUnchanged(picture: PictureConfig, camera: Size): boolean {
  const { width, height } = pictureSize(picture, camera);
  const { crop, mirror, rotate } = picture;
  return width === camera.width && height === camera.height && !crop && !mirror && rotate === 0;
}
