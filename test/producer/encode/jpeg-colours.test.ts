import { type ColourInfo, loadCameraAddon } from '@camstream/core';
import { type JpegCodec, sharpCodec, turboCodec } from '@camstream/producer';
import sharp from 'sharp';
import t from 'tap';
import { barColours } from '../../support/colour-bars.js';
import type { Rgb } from '../../support/pixel-colour.js';

const turbo = turboCodec(loadCameraAddon());
const size = { width: 64, height: 48 };
const weights = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

for (const matrix of ['bt601', 'bt709', 'bt2020'] as const) {
  for (const range of ['limited', 'full'] as const) {
    t.test(`turbo shows ${range}-range ${matrix} as it is meant, within 4 levels of sharp`, async (t) => {
      const colour = { matrix, range, primaries: 'unspecified' } as const;
      for (const rgb of barColours) {
        const jpeg = await turbo.encode({ ...size, colour, data: planar(rgb, colour) }, wish(95));
        const shown = await middleOf(jpeg);
        near(t, shown, rgb, 4, `${matrix} ${range}`);
        const packed = { ...size, colour, data: Buffer.alloc(64 * 48 * 3, Buffer.from([...rgb])) };
        near(t, shown, await middleOf(await sharpCodec.encode(packed, wish(95))), 4, 'as sharp');
      }
    });
  }
}

t.test('a JPEG of either encoder is what browsers and decoders expect', async (t) => {
  const colour = { matrix: 'bt601', range: 'limited', primaries: 'unspecified' } as const;
  const codecs: [JpegCodec, Buffer][] = [
    [turbo, planar([200, 100, 50], colour)],
    [sharpCodec, Buffer.alloc(64 * 48 * 3, Buffer.from([200, 100, 50]))],
  ];
  // Codes of 1 to 16 bits, from ISO/IEC 10918-1, table K.5: values of luminance, AC. Making better ones would
  // cost a second pass over each picture.
  const standard = Buffer.from([0x10, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125]);
  for (const [codec, data] of codecs) {
    const jpeg = await codec.encode({ ...size, colour, data }, wish(80));
    const { format, chromaSubsampling, isProgressive, width, height } = await sharp(jpeg).metadata();
    const wanted = { format: 'jpeg', chromaSubsampling: '4:2:0', isProgressive: false, ...size };
    t.same({ format, chromaSubsampling, isProgressive, width, height }, wanted, codec.kind);
    t.ok(jpeg.includes(standard), `${codec.kind} has the standard tables`);
    near(t, await middleOf(jpeg), [200, 100, 50], 4, `${codec.kind}: colours within rounding`);
    const half = await codec.encode({ ...size, colour, data }, { quality: 80, scale: 2 });
    t.match(await sharp(half).metadata(), { width: 32, height: 24 }, `${codec.kind} at half the size`);
    near(t, await middleOf(half), [200, 100, 50], 4, `${codec.kind}: small`);
  }
});

t.test('odd sizes keep their last column and row', async (t) => {
  const colour = { matrix: 'bt601', range: 'full', primaries: 'unspecified' } as const;
  for (const [width, height] of [
    [33, 17],
    [34, 17],
    [33, 18],
  ] as const) {
    const luma = Buffer.alloc(width * height, 200);
    const chroma = Buffer.alloc(2 * ((width + 1) >> 1) * ((height + 1) >> 1), 128);
    const picture = { width, height, colour, data: Buffer.concat([luma, chroma]) };
    const { data, info } = await sharp(await turbo.encode(picture, wish(100)))
      .raw()
      .toBuffer({ resolveWithObject: true });
    t.match(info, { width, height });
    near(t, [...data.subarray(-3)], [200, 200, 200], 2, `the corner of ${width}x${height}`);
  }
});

t.test('what cannot be encoded is refused', async (t) => {
  const encoder = loadCameraAddon().createJpegEncoder();
  const layout = { format: 'i420', ...size, matrix: 'bt601', range: 'full' } as const;
  const data = Buffer.alloc(64 * 48 * 1.5);
  t.throws(() => encoder.encode(data.subarray(1), layout, wish(80)), { code: 'FRAME_SIZE' });
  t.throws(() => encoder.encode(data, layout, { quality: 0, scale: 1 }), { message: /quality 1..100/ });
  t.throws(() => encoder.encode(data, layout, { quality: 80, scale: 3 }), { message: /scale 1 or 2/ });
  await t.rejects(
    encoder.encode(Buffer.alloc(64 * 48 * 3), { ...layout, format: 'rgb24' as 'i420' }, wish(80)),
    {
      code: 'JPEG_FORMAT',
    },
  );
  const first = encoder.encode(data, layout, wish(80));
  t.throws(() => encoder.encode(data, layout, wish(80)), {
    code: 'JPEG_ENCODER',
    message: /one picture at a time/,
  });
  t.ok((await first).length > 100);
});

/** The i420 picture of one colour. */
function planar([r, g, b]: Rgb, { matrix, range }: Pick<ColourInfo, 'matrix' | 'range'>): Buffer {
  const [kr, kb] = weights[matrix as keyof typeof weights];
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const differences = [(b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))];
  const full = range === 'full';
  const luma = full ? y : 16 + (y * 219) / 255;
  const chroma = differences.map((one) => Math.min(255, Math.round(128 + one * (full ? 1 : 224 / 255))));
  const pixels = size.width * size.height;
  return Buffer.concat([
    Buffer.alloc(pixels, Math.round(luma)),
    ...chroma.map((level) => Buffer.alloc(pixels / 4, level)),
  ]);
}

function wish(quality: number) {
  return { quality, scale: 1 } as const;
}

async function middleOf(jpeg: Buffer): Promise<number[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const at = 3 * ((info.height >> 1) * info.width + (info.width >> 1));
  return [...data.subarray(at, at + 3)];
}

function near(
  t: Pick<typeof import('tap').t, 'ok'>,
  found: readonly number[],
  wanted: readonly number[],
  tolerance: number,
  message: string,
): void {
  const worst = Math.max(...found.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))));
  t.ok(worst <= tolerance, `${message}: ${found.join()} for ${wanted.join()}`);
}
