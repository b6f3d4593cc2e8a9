import { planOf, planText } from '@camstream/producer';
import t from 'tap';
import { parseText as parse } from '../../support/parse-text.js';

t.test('the plan names rings, sizes, memory, encoders and URLs', async (t) => {
  const plan = planOf(parse('cameras: { main: { source: test } }'));
  const [camera] = plan.cameras;
  t.equal(camera?.assumed, false);
  t.match(camera?.ring, { slots: 25, leases: 16, width: 1920, height: 1080, format: 'yuyv', rate: 60 });
  t.equal(camera?.ring.bytes, 8192 + 25 * 4_149_248, 'slots in whole pages');
  t.equal(plan.ringBytes, sum(plan.cameras.flatMap((one) => [one.ring, ...one.rings, ...one.streamRings])));
  const text = planText(plan);
  t.match(text, /high: H\.264 6000 kbit\/s, .*latency low, by the best encoder there is from ring high/);
  t.match(text, 'rtsp://127.0.0.1:8554/high');
  t.notMatch(text, 'mjpeg/high');
  t.match(text, 'http://127.0.0.1:8000/mjpeg/medium');
  t.match(text, 'http://127.0.0.1:8001/');
  t.notMatch(text, 'own H.264', 'the test picture has none');
  t.match(planOf(parse('')).cameras, [{ assumed: true }]);
  const device = (changes: string) =>
    planText(planOf(parse(`cameras: { main: { source: /dev/video0 } }\nstreams: { high: { ${changes} } }`)));
  t.match(device(''), "from ring high, or the camera's own H.264 of that rate");
  for (const changes of ['passThrough: false', 'encoder: libx264', 'mirror: true', 'width: 640, height: 360'])
    t.notMatch(device(changes), 'own H.264', changes);
  t.match(planOf(parse('server: { host: "::" }')).warnings, [/listening on :: without a password/]);
  t.match(planText(planOf(parse('server: { host: "::" }'))), 'http://[::1]:8000/mjpeg/low');
});

t.test('streams that show the same picture share one conversion', async (t) => {
  const size = 'width: 640, height: 360, rate: 15';
  const rings = (streams: string) => {
    const yaml = `cameras: { main: { source: test } }\nrings: {}\nstreams: { ${streams} }`;
    const plan = planOf(parse(yaml));
    const found = plan.cameras.flatMap(({ streamRings }) => streamRings);
    return { plan, rings: found.map(({ name, format, from, streams }) => [name, format, from, ...streams]) };
  };
  t.same(rings(`a: { ${size} }, b: { ${size}, quality: 50 }`).rings, [['a', 'rgb24', 'camera', 'a', 'b']]);
  const mixed = rings(`a: { ${size} }, b: { ${size}, encoder: turbo }, c: { ${size} }`);
  t.same(
    mixed.rings,
    [
      ['b', 'i420', 'camera', 'b'],
      ['a', 'rgb24', 'b', 'a', 'c'],
    ],
    'scaled once: the packed ring is made from the planar one',
  );
  t.match(mixed.plan.cameras[0]?.streamRings, [
    { width: 640, height: 360, rate: 15, leases: 5 },
    { width: 640, height: 360, rate: 15, leases: 6 },
  ]);
  t.match(mixed.plan.cameras[0]?.ring, { leases: 13 }, 'the camera ring has one conversion');
  t.match(planText(mixed.plan), /ring {4}a: 640x360 rgb24 15\/s, .*, made from b for a and c/);
  t.match(planText(mixed.plan), 'c: MJPEG quality 80 by sharp from ring a');
  const others = [
    'width: 640, height: 360, rate: 10',
    'width: 640, height: 480, rate: 15',
    `${size}, mirror: true`,
    `${size}, rotate: 180`,
    `${size}, fit: cover`,
    `${size}, crop: { x: 0, y: 0, width: 640, height: 360 }`,
  ];
  for (const other of others) t.equal(rings(`a: { ${size} }, b: { ${other} }`).rings.length, 2, other);
});

t.test('a camera ring of more slots than drivers have buffers is named', async (t) => {
  const notes = (camera: string, readers = 12) => {
    const ring = `rings: { camera: { slots: { readers: ${readers} } } }`;
    const { warnings } = planOf(parse(`cameras: { main: { ${camera} } }\n${ring}`));
    return warnings.filter((warning) => /USERPTR/.test(warning));
  };
  t.same(notes('source: /dev/video0'), []);
  t.match(notes('source: /dev/video0, mode: { rate: 120 }', 13), [/"main".* \d\d slots .*copied once/]);
  t.match(notes('source: /dev/video0, buffers: { io: userptr }', 24), [/not open/]);
  t.same(notes('source: /dev/video0, buffers: { io: mmap }', 24), []);
  t.same(notes('source: test', 24), []);
});

t.test("a derived picture without a size keeps the camera's, turned and cut", async (t) => {
  const yaml = (ring: string) =>
    `cameras: { main: { source: test, mode: { width: 640, height: 480 } } }\nrings: { x: ${ring} }`;
  const ringOfPlan = (ring: string) => planOf(parse(yaml(ring))).cameras[0]?.rings[0];
  t.match(ringOfPlan('{}'), { width: 640, height: 480, rate: 60 });
  t.match(ringOfPlan('{ rotate: 90, rate: 200 }'), { width: 480, height: 640, rate: 60 });
  t.match(ringOfPlan('{ crop: { x: 8, y: 8, width: 100, height: 50 }, rotate: 270 }'), {
    width: 50,
    height: 100,
  });
});

t.test('the warning of a service without a password goes when there is one', async (t) => {
  t.match(planOf(parse('server: { host: 0.0.0.0 }')).warnings.join(), /without a password/);
  const open = 'server: { host: 0.0.0.0, auth: { user: me, password: secret } }';
  t.notMatch(planOf(parse(open)).warnings.join(), /password/);
});

function sum(rings: readonly { readonly bytes: number }[]): number {
  return rings.reduce((total, { bytes }) => total + bytes, 0);
}
