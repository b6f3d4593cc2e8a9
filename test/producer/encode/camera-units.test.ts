import { connect } from '@camstream/consumer';
import { silentLog } from '@camstream/core';
import { allPictures, CameraUnits, type H264Unit, isRate, PassThrough } from '@camstream/producer';
import t from 'tap';
import { CaptureRig } from '../../support/capture-rig.js';
import { encodeFixture } from '../../support/h264-fixture.js';
import { annexB, decode } from '../../support/h264-rig.js';
import { until } from '../../support/until.js';

// What a camera encodes is stood in for by x264: 30 pictures a second, a key frame each half second.
const size = { width: 320, height: 240 };
const encoded = encodeFixture({ ...size, pictures: 60, group: 15 });
const rig = new CaptureRig(t);

/** Hands over a picture as a camera would. */
function give(units: CameraUnits, unit: H264Unit, { lost = 0, data = annexB([unit]) } = {}) {
  const { sequence, capturedAtNs, width, height } = unit;
  return units.take(data, { sequence, capturedAtNs, width, height }, lost);
}

function wishing() {
  const wishes: number[] = [];
  let now = 0;
  const units = new CameraUnits({ keyIntervalMs: 1000, requestKeyFrame: () => wishes.push(now) });
  const at = (unit: H264Unit, how: Parameters<typeof give>[2] = {}) => {
    now = unit.sequence;
    return give(units, unit, how);
  };
  return { at, wishes };
}

t.test('a track becomes units with their number and time, which one decoder plays', async (t) => {
  // Frames each as long as it is: the ring says mjpeg, which nobody here asks.
  const writer = rig.addon.createRing(rig.ring('camera-h264', { localLeases: 6 }), {
    ...size,
    format: 'mjpeg',
    rate: 30,
  });
  rig.adopt({ close: async () => writer.close() });
  const made: H264Unit[] = [];
  const own = new PassThrough<H264Unit>({
    ...{ name: 'high', steps: [allPictures], policy: 'every', delayIsOurs: false, log: silentLog },
    open: () => connect('camera-h264', { timeoutMs: 10_000 }),
    makeUnits: () => {
      const units = new CameraUnits({ keyIntervalMs: 1000, requestKeyFrame: () => {} });
      return (data, picture, lost) => units.take(data, picture, lost);
    },
    publish: (unit) => made.push(unit),
  });
  rig.adopt(own);
  own.setActive(true);
  await until('the reader', () => writer.status().members > 0);
  const times: bigint[] = [];
  // It begins in the middle of a group: nothing is shown before the next key frame.
  for (const unit of encoded.slice(10)) {
    const capturedAtNs = process.hrtime.bigint();
    writer.publish(annexB([unit]), { capturedAtNs });
    if (unit.sequence >= 15) times.push(capturedAtNs);
    await until('it', () => own.load().framesIn === unit.sequence - 9);
  }
  t.same(
    made.map(({ capturedAtNs }) => capturedAtNs),
    times,
  );
  t.ok(made[0]?.keyFrame);
  t.match(made[0], { ...size, codec: 'h264' });
  t.match(own.load(), { framesIn: 50, unitsOut: 45, latenessMs: 0 });
  t.equal(decode(made).length, made.length, 'one decoder plays it all');
});

t.test('parameter sets that came once are put before every key frame', async (t) => {
  const { at } = wishing();
  const made = encoded.map((unit) => {
    const isBare = unit.keyFrame && unit.sequence > 0;
    const nals = isBare ? unit.nals.filter((nal) => ![7, 8].includes((nal[0] ?? 0) & 0x1f)) : unit.nals;
    return at(unit, { data: annexB([{ ...unit, nals }]) });
  });
  t.same(
    made.map((unit) => unit?.nals),
    encoded.map(({ nals }) => nals),
  );
  t.equal(new Set(made.map((unit) => unit?.parameters)).size, 1, 'and are one object');
});

t.test('behind a lost or damaged picture the next key frame is waited for, and asked for', async (t) => {
  const [first, second, third, fourth] = encoded as [H264Unit, H264Unit, H264Unit, H264Unit];
  const key = encoded[15] as H264Unit;
  const lost = wishing();
  t.ok(lost.at(first));
  t.equal(lost.at(third, { lost: 1 }), undefined);
  t.equal(lost.at(fourth), undefined, 'it refers to one that was not shown');
  t.ok(lost.at(key));
  t.same(lost.wishes, [2], 'asked for once, at once');
  const damaged = wishing();
  t.ok(damaged.at(first));
  t.equal(damaged.at(second, { data: Buffer.alloc(2000, 0xff) }), undefined);
  t.equal(damaged.at(third), undefined);
  t.ok(damaged.at(key));
});

t.test('a camera whose key frames are further apart than the stream wants is asked for them', async (t) => {
  const { at, wishes } = wishing();
  const rare = encodeFixture({ ...size, pictures: 100, group: 100 });
  for (const unit of rare) at(unit);
  t.same(wishes, [30, 60, 90], 'one a second, as it does not answer');
});

t.test('what can never be passed through is said: B-frames, no key frames', async (t) => {
  const { at } = wishing();
  const ordered = encodeFixture({ ...size, pictures: 30, bFrames: 2 });
  t.throws(() => ordered.map((unit) => at(unit)), { code: 'CAMERA_H264', message: /B-frames/ });
  const never = wishing();
  const late = (n: number) => ({
    ...(encoded[1] as H264Unit),
    sequence: n,
    capturedAtNs: BigInt(n) * 33_333_333n,
  });
  t.throws(() => Array.from({ length: 160 }, (_, n) => never.at(late(n))), {
    code: 'CAMERA_H264',
    message: /no key frame with parameter sets in 5 s/,
  });
});

t.test('a track fits a stream that would get as many of the raw pictures', async (t) => {
  t.ok(isRate(30, 0, 30), 'all there are');
  t.ok(isRate(30, 30, 60));
  t.ok(isRate(29.97, 30, 30));
  t.ok(isRate(30, 60, 30), 'the camera gives no more');
  t.notOk(isRate(30, 15, 30), 'pictures cannot be left out');
  t.notOk(isRate(30, 60, 60));
  t.notOk(isRate(30, 0, 60));
  t.notOk(isRate(0, 30, 30), 'nobody knows');
  t.ok(isRate(0, 0, 30));
});
