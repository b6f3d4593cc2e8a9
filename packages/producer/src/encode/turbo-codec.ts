import type { CameraAddon } from '@camstream/core';
import type { JpegCodec } from './jpeg-codec.js';

/** JPEG by libturbojpeg, from i420: for one encoder, which hands it one picture at a time. */
export function turboCodec(addon: CameraAddon): JpegCodec {
  const encoder = addon.createJpegEncoder();
  return {
    kind: 'turbo',
    encode({ data, width, height, colour: { matrix, range } }, wish) {
      return encoder.encode(data, { format: 'i420', width, height, matrix, range }, wish);
    },
  };
}
