import sharp from 'sharp';

// Streams encode side by side on libuv's threads; a picture does not gain from being split among more.
sharp.concurrency(1);
// Every picture is new: nothing is worth keeping.
sharp.cache(false);

/** A picture's bytes as they lie in its ring: rows of R,G,B without padding. */
export interface RgbPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** JPEG (baseline, 4:2:0, full-range BT.601) of a picture whose bytes must stay until the promise settles. */
export function encodeJpeg({ data, width, height }: RgbPicture, quality: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, optimiseCoding: false, chromaSubsampling: '4:2:0' })
    .toBuffer();
}
