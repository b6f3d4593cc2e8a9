import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from '@camstream/consumer';
import { loadCameraAddon, silentLog } from '@camstream/core';
import {
  allPictures,
  type JpegUnit,
  PassThrough,
  type PassThroughOptions,
  passThroughSteps,
  type RawFrame,
} from '@camstream/producer';
import sharp from 'sharp';
import t from 'tap';
import { until } from '../../support/until.js';

const root = mkdtempSync(`/dev/shm/camstream-test-${process.pid}-`);
t.teardown(() => rmSync(root, { recursive: true, force: true }));
process.env.CAMSTREAM_RING_ROOT = root;
const size = { width: 64, height: 48 };
const ring = { readers: 4, hold: 1, localLeases: 0, leaseTimeoutMs: 5000, group: '', systemModes: false };

/** What is the same for all of these. */
const jpeg: Omit<PassThroughOptions<JpegUnit>, 'open' | 'publish'> = {
  name: 'door',
  steps: [allPictures],
  policy: 'latest',
  delayIsOurs: true,
  makeUnits: () => (data, picture) => ({ codec: 'jpeg', data, ...picture }),
  log: silentLog,
};

t.test("a camera's pictures are passed on byte for byte, with their number and time", async (t) => {
  const writer = loadCameraAddon().createRing(
    { ...ring, root, name: 'camera-jpeg' },
    { ...size, format: 'mjpeg', rate: 30 },
  );
  t.teardown(() => writer.close());
  const units: JpegUnit[] = [];
  const own = new PassThrough({
    ...jpeg,
    open: () => connect('camera-jpeg', { timeoutMs: 10_000 }),
    publish: (unit) => units.push(unit),
  });
  t.teardown(() => own.close());
  own.setActive(true);
  for (const shade of [10, 200, 90]) {
    const picture = await sharp({ create: { ...size, channels: 3, background: { r: shade, g: 0, b: 0 } } })
      .jpeg()
      .toBuffer();
    const capturedAtNs = process.hrtime.bigint();
    const sequence = writer.publish(picture, { capturedAtNs });
    const unit = await until('the picture', () => units.find((one) => one.sequence === sequence));
    t.match(unit, { codec: 'jpeg', capturedAtNs, ...size });
    t.ok(unit.data.equals(picture), `${picture.length} bytes as they came`);
  }
  t.match(own.load(), { framesIn: 3, unitsOut: 3, restarts: 0 });
  t.match(await connect('camera-jpeg').then(({ info }) => info), { format: 'mjpeg', ...size });

  own.setActive(false);
  await until('the reader to leave', () => writer.status().members <= 1);
  writer.publish(Buffer.alloc(100));
  own.setActive(true);
  await until('it to be back', () => units.length === 4);
  t.match(own.load(), { framesDropped: 0 }, 'what was overtaken while nobody watched is no loss');
});

t.test('of more pictures than a stream wants they are picked evenly', async (t) => {
  const units: JpegUnit[] = [];
  const source = {
    info: { rate: 30 },
    async *frames(): AsyncGenerator<RawFrame, undefined, undefined> {
      for (let sequence = 1; sequence <= 30; ++sequence) yield pictureFrame(sequence);
      return undefined;
    },
    close: () => {},
  };
  const publish = (unit: JpegUnit) => units.push(unit);
  const open = () => Promise.resolve(source);
  const own = new PassThrough({
    ...jpeg,
    steps: passThroughSteps({ rate: 10, adapt: 'rate' }),
    ...{ open, publish },
  });
  own.setActive(true);
  await until('the end', () => units.at(-1)?.sequence === 28);
  t.same(
    units.map(({ sequence }) => sequence),
    [1, 4, 7, 10, 13, 16, 19, 22, 25, 28],
  );
  t.same(
    own.steps.map(({ text }) => text),
    ['10/s', '5/s', '2.5/s'],
  );
  t.match(await until('the problem', () => own.problem), { message: /its track has ended/ });
  await own.close();
});

t.test('a track that cannot be read is a problem, and no end', async (t) => {
  const open = () => connect('no-such-ring', { timeoutMs: 50 });
  const own = new PassThrough({ ...jpeg, open, publish: () => {} });
  own.setActive(true);
  const problem = await until('the problem', () => own.problem);
  t.match(problem.message, /the camera's own pictures cannot be read/);
  own.setActive(false);
  own.setActive(true);
  t.equal(own.problem, undefined, 'it is tried anew');
  await own.close();
});

/** Of 30/s. */
function pictureFrame(sequence: number): RawFrame {
  return {
    ...size,
    sequence,
    missed: 0,
    droppedBefore: 0,
    capturedAtNs: BigInt(sequence) * 33_333_333n,
    ring: { colour: { matrix: 'bt601', primaries: 'unspecified', range: 'full' } },
    lend: (use) => use(Buffer.alloc(1)),
    copy: () => Buffer.alloc(1),
    isIntact: () => true,
    release() {},
  };
}
