import sharp from 'sharp';
import type { JpegCodec, RawPicture } from './jpeg-codec.js';

// Streams encode side by side on libuv's threads; a picture does not gain from being split among more.
sharp.concurrency(1);
// Every picture is new: nothing is worth keeping.
sharp.cache(false);

/** JPEG by sharp, from rgb24: baseline, 4:2:0, full-range BT.601. */
export const sharpCodec: JpegCodec = {
  kind: 'sharp',
  encode({ data, width, height }: RawPicture, { quality, scale }) {
    const picture = sharp(data, { raw: { width, height, channels: 3 } });
    // Every other pixel: this step is for machines that have no time.
    const size = { width: Math.floor(width / scale), height: Math.floor(height / scale) };
    const sized = scale === 1 ? picture : picture.resize({ ...size, fit: 'fill', kernel: 'nearest' });
    return sized.jpeg({ quality, optimiseCoding: false, chromaSubsampling: '4:2:0' }).toBuffer();
  },
};
