import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from '@camstream/consumer';
import { loadCameraAddon, silentLog } from '@camstream/core';
import { encodeJpeg, type JpegUnit, runEncodeLoop } from '@camstream/producer';
import sharp from 'sharp';
import t from 'tap';
import { until } from '../../support/until.js';

const root = mkdtempSync(`/dev/shm/camstream-test-${process.pid}-`);
t.teardown(() => rmSync(root, { recursive: true, force: true }));
process.env.CAMSTREAM_RING_ROOT = root;
const ring = {
  root,
  readers: 2,
  hold: 2,
  localLeases: 0,
  leaseTimeoutMs: 5000,
  group: '',
  systemModes: false,
};
const size = { width: 64, height: 48 };

t.test('frames of a ring become units with their number and capture time', async (t) => {
  const writer = loadCameraAddon().createRing(
    { ...ring, name: 'low' },
    { ...size, format: 'rgb24', rate: 30 },
  );
  t.teardown(() => writer.close());
  const reader = await connect('low', { timeoutMs: 10_000 });
  const units: JpegUnit[] = [];
  let wanted: bigint | undefined;
  const ended = runEncodeLoop({
    name: 'low',
    frames: reader.frames(),
    quality: 90,
    wantedSinceNs: () => wanted,
    publish: (unit) => units.push(unit),
    log: silentLog,
  });

  writer.publish(flat(255, 0, 0));
  wanted = process.hrtime.bigint();
  writer.publish(flat(0, 0, 255), { capturedAtNs: 1_234_567_890n });
  await until('the first picture', () => units.length === 1);
  t.match(
    units[0],
    { sequence: 2, capturedAtNs: 1_234_567_890n, ...size },
    'what nobody wanted is not encoded',
  );
  const { data } = await sharp(units[0]?.data).raw().toBuffer({ resolveWithObject: true });
  near(t, [...data.subarray(0, 3)], [0, 0, 255], 'red stays red and blue blue');

  wanted = undefined;
  writer.publish(flat(0, 255, 0));
  wanted = process.hrtime.bigint();
  writer.publish(flat(0, 255, 0));
  await until('the second picture', () => units.length === 2);
  t.equal(units[1]?.sequence, 4);

  reader.close();
  await ended;
  t.pass('it ends with the reader');
});

t.test('a ring that is closed while a picture is at the encoder harms nobody', async (t) => {
  const writer = loadCameraAddon().createRing(
    { ...ring, name: 'big' },
    { width: 1920, height: 1080, format: 'rgb24', rate: 30 },
  );
  t.teardown(() => writer.close());
  const reader = await connect('big', { timeoutMs: 10_000 });
  const ended = runEncodeLoop({
    name: 'big',
    frames: reader.frames(),
    quality: 90,
    wantedSinceNs: () => 0n,
    publish: () => {},
    log: silentLog,
  });
  const picture = Buffer.alloc(1920 * 1080 * 3, 127);
  await until('a picture at the encoder', () => {
    writer.publish(picture);
    return sharp.counters().process > 0;
  });
  reader.close();
  await ended;
  t.equal(sharp.counters().process, 0);
});

t.test('a JPEG is what browsers and decoders expect', async (t) => {
  const data = flat(200, 100, 50);
  const jpeg = await encodeJpeg({ data, ...size }, 80);
  const { format, chromaSubsampling, isProgressive, width, height } = await sharp(jpeg).metadata();
  t.same(
    { format, chromaSubsampling, isProgressive, width, height },
    {
      format: 'jpeg',
      chromaSubsampling: '4:2:0',
      isProgressive: false,
      ...size,
    },
  );
  const raw = await sharp(jpeg).raw().toBuffer();
  near(t, [...raw.subarray(0, 3)], [200, 100, 50], 'colours within rounding');
});

t.test(
  'a JPEG has the standard tables: making better ones costs a second pass over each picture',
  async (t) => {
    const jpeg = await encodeJpeg({ data: flat(200, 100, 50), ...size }, 80);
    // Codes of 1 to 16 bits, from ISO/IEC 10918-1, table K.5: values of luminance, AC.
    const standard = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
    t.ok(jpeg.includes(Buffer.from([0x10, ...standard])));
  },
);

function flat(...colour: [number, number, number]): Buffer {
  return Buffer.alloc(size.width * size.height * 3, Buffer.from(colour));
}

function near(t: Tap, found: readonly number[], wanted: readonly number[], message: string): void {
  const worst = Math.max(...found.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))));
  t.ok(worst <= 3, `${message}: ${found.join()} for ${wanted.join()}`);
}

type Tap = Pick<typeof t, 'ok'>;
