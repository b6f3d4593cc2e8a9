import { connect, listRings } from '@camstream/consumer';
import { silentLog } from '@camstream/core';
import { ConversionFeed, DemandedRing } from '@camstream/producer';
import t from 'tap';
import { CaptureRig } from '../../support/capture-rig.js';
import { colourAt, colourDistance } from '../../support/pixel-colour.js';
import { until } from '../../support/until.js';

const rig = new CaptureRig(t);
const picture = { width: 0, height: 0, rate: 0, fit: 'stretch', crop: undefined, mirror: false } as const;
const place = { slots: { readers: 2, hold: 1 }, leaseTimeoutMs: 5000, group: '' };
const common = {
  addon: rig.addon,
  folder: { root: rig.root, system: false, group: '' },
  log: silentLog,
  localLeases: 1,
} as const;

t.test('a ring is filled while somebody wants it, and so is the one it is made from', async (t) => {
  const camera = await rig.capture('camera', { width: 640, height: 480, rate: 60 });
  const open = async (
    name: string,
    format: 'i420' | 'rgb24',
    from: Parameters<typeof ConversionFeed.open>[0]['from'],
  ) => {
    const size = format === 'i420' ? { width: 320, height: 240, rate: 30 } : {};
    const feed = await ConversionFeed.open({
      ...common,
      from,
      format,
      place: { ...place, name },
      picture: { ...picture, ...size, rotate: 0 },
    });
    rig.adopt(feed);
    return feed;
  };
  const planarFeed = await open('planar', 'i420', camera.native);
  const packedFeed = await open('packed', 'rgb24', planarFeed.conversion);
  const planar = new DemandedRing(planarFeed, undefined, silentLog);
  const packed = new DemandedRing(packedFeed, planar, silentLog);
  const counts = () => [planarFeed, packedFeed].map(({ conversion }) => conversion.status().converted);
  const rests = async () => {
    // Paused is noticed within a frame; then no frame of the camera moves anything any more.
    await camera.published(camera.native.status().published + 20);
    const before = counts();
    await camera.published(camera.native.status().published + 20);
    t.same(counts(), before, 'nothing is converted');
    return before;
  };

  const [atRest = 0] = await rests();
  packed.demand.add();
  await until('frames in both', () => counts().every((count) => count > atRest + 5));
  packed.demand.remove();
  const [, packedAtRest = 0] = await rests();

  planar.demand.add();
  await until('frames in the first', () => (counts()[0] ?? 0) > (atRest ?? 0) + 20);
  t.equal(counts()[1], packedAtRest, 'who wants the first ring has only that filled');
  packed.demand.add();
  await until('frames in the second', () => (counts()[1] ?? 0) > packedAtRest + 5);
  packed.demand.remove();
  const before = counts()[0] ?? 0;
  await until('frames in the first still', () => (counts()[0] ?? 0) > before + 5);
  planar.demand.remove();
  await rests();

  t.match(packedFeed.conversion.info(), { width: 320, height: 240, rateNumerator: 30 });
  packed.demand.add();
  const [one, other] = await Promise.all(
    ['planar', 'packed'].map((name) => connect(name, { timeoutMs: 5000 })),
  );
  const [left, right] = await Promise.all([one?.read(), other?.read()]);
  if (!left || !right) throw new Error('no frames');
  for (const x of [20, 100, 180, 260]) {
    const distance = colourDistance(colourAt(left, x, 200), colourAt(right, x, 200));
    t.ok(distance <= 3, `at ${x} both show the same colour: ${distance}`);
  }
  packed.demand.remove();
  await until('the pause', () => listRings().find(({ name }) => name === 'packed')?.state === 'paused');
  // A reader in the producer's own process is an encoder, and wakes nothing.
  const late = await connect('packed', { timeoutMs: 5000 });
  await t.rejects(late.read({ timeoutMs: 300 }), {
    code: 'FRAME_TIMEOUT',
    message: /the ring is paused, and filled only while .* another process than the producer has joined/,
  });
  late.close();
  one?.close();
  other?.close();
  packed.demand.stop();
  planar.demand.stop();
});

t.test('a conversion is made from a camera or a conversion and from nothing else', async (t) => {
  const wanted = { ...picture, format: 'rgb24', rotate: 0, width: 64, height: 48 } as const;
  const { crop, ...options } = wanted;
  const writer = rig.addon.createRing(rig.ring('written'), {
    format: 'i420',
    width: 64,
    height: 48,
    rate: 30,
  });
  t.teardown(() => writer.close());
  for (const from of [{}, 5, writer]) {
    t.throws(() => rig.addon.startConversion(from as never, options, rig.ring('x'), () => {}), {
      message: /wanted what startCapture\(\) or startConversion\(\) resolved to/,
    });
  }
});
