import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from '@camstream/consumer';
import { loadCameraAddon, silentLog } from '@camstream/core';
import { JpegEncoder, type JpegUnit, jpegSteps, type RawFrame, sharpCodec } from '@camstream/producer';
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
const colour = { matrix: 'rgb', primaries: 'unspecified', range: 'full' } as const;
const options = { codec: sharpCodec, adapt: 'rate', log: silentLog } as const;
const noise = Buffer.from(Array.from({ length: size.width * size.height * 3 }, (_, at) => (at * 7919) % 251));

t.test('frames of a ring become units with their number and capture time', async (t) => {
  const writer = loadCameraAddon().createRing(
    { ...ring, name: 'low' },
    { ...size, format: 'rgb24', rate: 30 },
  );
  t.teardown(() => writer.close());
  const reader = await connect('low', { timeoutMs: 10_000 });
  const units: JpegUnit[] = [];
  const publish = (unit: JpegUnit) => units.push(unit);
  const encoder = new JpegEncoder({ ...options, name: 'low', quality: 90, frames: reader, publish });

  writer.publish(flat(255, 0, 0), { capturedAtNs: process.hrtime.bigint() - 1_000_000_000n });
  encoder.setActive(true);
  const capturedAtNs = process.hrtime.bigint();
  writer.publish(flat(0, 0, 255), { capturedAtNs });
  await until('the first picture', () => units.length === 1);
  t.match(units[0], { sequence: 2, capturedAtNs, ...size }, 'what nobody wanted is not encoded');
  const { data } = await sharp(units[0]?.data).raw().toBuffer({ resolveWithObject: true });
  near(t, [...data.subarray(0, 3)], [0, 0, 255], 'red stays red and blue blue');

  encoder.setActive(false);
  writer.publish(flat(0, 255, 0), { capturedAtNs: process.hrtime.bigint() - 1_000_000_000n });
  encoder.setActive(true);
  writer.publish(flat(0, 255, 0));
  await until('the second picture', () => units.length === 2);
  t.equal(units[1]?.sequence, 4);
  t.match(encoder.load(), { framesIn: 2, unitsOut: 2, framesDropped: 0, restarts: 0 });
  t.ok(encoder.load().latenessMs > 0);

  await encoder.close();
  t.ok(reader.closed, 'the reader is closed with it');
});

t.test('an encoder steps down: quality, then rate, then size, and up again', async (t) => {
  const units: JpegUnit[] = [];
  const publish = (unit: JpegUnit) => units.push(unit);
  const steps: [step: number, frames: number][] = [
    [0, 2],
    [2, 2],
    [3, 8],
    [5, 4],
    [0, 1],
  ];
  const start = process.hrtime.bigint();
  async function* frames(): AsyncGenerator<RawFrame, undefined, undefined> {
    let sequence = 0;
    for (const [step, count] of steps) {
      encoder.setStep(step);
      for (let index = 0; index < count; ++index) yield noiseFrame(++sequence, start);
    }
    return undefined;
  }
  const ring = { info: { rate: 20 }, frames, close: () => {} };
  const encoder = new JpegEncoder({
    ...options,
    adapt: 'size',
    name: 'steps',
    quality: 80,
    frames: ring,
    publish,
  });
  encoder.setActive(true);
  await encoder.ended;
  const [first, second, third, fourth] = units;
  t.same(
    units.map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5, 7, 9, 11, 13, 17],
    'every frame, every second at half the rate, every fourth at a quarter',
  );
  t.equal(first?.data.length, second?.data.length);
  t.ok((third?.data.length ?? 0) < (first?.data.length ?? 0) * 0.8, 'less quality, less bytes');
  t.match(fourth, size);
  const small = units.at(-2);
  t.match(small, { width: size.width / 2, height: size.height / 2 });
  t.match(await sharp(small?.data).metadata(), { width: size.width / 2, height: size.height / 2 });
  t.match(units.at(-1), { ...size, data: first?.data }, 'and back');
  await encoder.close();
});

/** Frames of 20/s. */
function noiseFrame(sequence: number, startNs: bigint): RawFrame {
  const capturedAtNs = startNs + BigInt(sequence) * 50_000_000n;
  const lend: RawFrame['lend'] = (use) => use(noise);
  return {
    ...size,
    sequence,
    missed: 0,
    droppedBefore: 0,
    capturedAtNs,
    ring: { colour },
    lend,
    copy: () => noise,
    isIntact: () => true,
    release() {},
  };
}

t.test(
  'the ladder goes by quality, then by rate, and to half the size only where that was said',
  async (t) => {
    const texts = (adapt: 'off' | 'rate' | 'size', quality = 80, rate = 30) =>
      jpegSteps({ quality, rate, adapt }).map(({ text }) => text);
    t.same(texts('off'), ['quality 80, 30/s']);
    t.same(texts('rate'), [
      'quality 80, 30/s',
      'quality 60, 30/s',
      'quality 40, 30/s',
      'quality 40, 15/s',
      'quality 40, 7.5/s',
    ]);
    t.same(texts('size').at(-1), 'quality 40, 7.5/s, half the size');
    t.same(texts('rate', 35), ['quality 35, 30/s', 'quality 35, 15/s', 'quality 35, 7.5/s']);
    t.same(texts('rate', 35, 0), ['quality 35, 0/s'], 'of an unknown rate there is no half');
  },
);

t.test('a ring that is closed while a picture is at the encoder harms nobody', async (t) => {
  const writer = loadCameraAddon().createRing(
    { ...ring, name: 'big' },
    { width: 1920, height: 1080, format: 'rgb24', rate: 30 },
  );
  t.teardown(() => writer.close());
  const reader = await connect('big', { timeoutMs: 10_000 });
  const encoder = new JpegEncoder({
    ...options,
    name: 'big',
    quality: 90,
    frames: reader,
    publish: () => {},
  });
  encoder.setActive(true);
  const picture = Buffer.alloc(1920 * 1080 * 3, 127);
  await until('a picture at the encoder', () => {
    writer.publish(picture);
    return sharp.counters().process > 0;
  });
  await encoder.close();
  t.equal(sharp.counters().process, 0);
});

function flat(...colour: [number, number, number]): Buffer {
  return Buffer.alloc(size.width * size.height * 3, Buffer.from(colour));
}

function near(t: Tap, found: readonly number[], wanted: readonly number[], message: string): void {
  const worst = Math.max(...found.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))));
  t.ok(worst <= 3, `${message}: ${found.join()} for ${wanted.join()}`);
}

type Tap = Pick<typeof t, 'ok'>;
