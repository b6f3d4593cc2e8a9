import type { ColourInfo } from '@camstream/core';

/** A picture's bytes as they lie in its ring, without padding, and what they mean. */
export interface RawPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly colour: ColourInfo;
}

/** How a picture is to be encoded. */
export interface JpegWish {
  /** 1..100, as libjpeg counts. */
  readonly quality: number;
  /** 2: half as wide and half as high. */
  readonly scale: 1 | 2;
}

/** What makes JPEG of pictures, on threads of its own. */
export interface JpegCodec {
  readonly kind: 'sharp' | 'turbo';
  /** Baseline, 4:2:0, full-range BT.601. The picture's bytes must stay until the promise settles. */
  encode(picture: RawPicture, wish: JpegWish): Promise<Buffer>;
}
