import { connect } from '@camstream/consumer';
import sharp from 'sharp';

const camera = await connect('analysis');
const frame = await camera.read({ timeoutMs: 10_000 });
const { width, height } = frame;
// sharp works on the bytes in place, on its own threads; the frame stays until the promise settles.
const jpeg = await frame.lend((bytes) =>
  sharp(bytes, { raw: { width, height, channels: 3 } })
    .recomb([
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ])
    .jpeg()
    .toBuffer(),
);
frame.release();
console.log(`${jpeg.length} bytes of JPEG`);
camera.close();
