import { ConfigError, parseConfig, planOf, planText } from '@camstream/producer';
import t from 'tap';

const parse = (text: string) => parseConfig({ text, fileName: 'camstream.yaml', folder: '/etc/camstream' });

function problemsOf(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

t.test('an empty file is the default configuration of the contract', async (t) => {
  const config = parse('');
  t.match(config.cameras, [{ name: 'main', source: { kind: 'auto' }, ring: { name: 'camera' } }]);
  t.match(config.rings, [
    { name: 'analysis', format: 'bgr24', picture: { width: 1920, height: 1080, rate: 30 } },
  ]);
  t.match(config.streams, [
    { name: 'high', codec: { kind: 'h264' }, picture: { width: 1920, height: 1080, rate: 30 } },
    {
      name: 'medium',
      codec: { kind: 'mjpeg', quality: 80 },
      picture: { width: 1280, height: 720 },
      port: 8001,
    },
    { name: 'low', codec: { kind: 'mjpeg' }, picture: { width: 640, height: 480, rate: 15 }, port: 8002 },
  ]);
  t.match(config.server, { host: 'localhost', httpPort: 8000 });
  t.same(config.server.rtsp, {
    port: 8554,
    rtpPort: 8556,
    rtcpPort: 8557,
    multicast: { base: '239.255.42.0', port: 8558, ttl: 1 },
  });
  t.equal(config.rings[0]?.slots.readers, 12);
  t.equal(config.rings[0]?.slots.hold, 1);
});

t.test('with several cameras each has its own set under its own name', async (t) => {
  const config = parse('cameras: { left: { source: test }, right: { source: test } }');
  t.same(
    config.cameras.map(({ ring }) => ring.name),
    ['left-camera', 'right-camera'],
  );
  t.same(
    config.rings.map(({ name, camera }) => [name, camera]),
    [
      ['left-analysis', 'left'],
      ['right-analysis', 'right'],
    ],
  );
  t.same(
    config.streams.map(({ name }) => name),
    ['left-high', 'left-medium', 'left-low', 'right-high', 'right-medium', 'right-low'],
  );
});

t.test('a section that is written is the whole of it, and known names keep their defaults', async (t) => {
  const config = parse(
    'streams: { low: { quality: 60 }, door: { crop: { x: 0, y: 0, width: 320, height: 200 } } }',
  );
  t.match(config.streams, [
    { name: 'low', port: 8002, codec: { quality: 60 }, picture: { width: 640, rate: 15 } },
    { name: 'door', port: undefined, codec: { kind: 'mjpeg', quality: 80 }, picture: { width: 0, rate: 0 } },
  ]);
  t.equal(config.streams.length, 2);
  t.equal(config.rings.length, 1, 'rings, not written, stay as they are');
  t.same(parse('streams: {}').streams, []);
});

t.test('a stream is encoded as its codec can be, with the defaults of it', async (t) => {
  const yaml = `streams:
  high: { latency: smooth, viewerQueue: { ms: 250 }, warm: true, adapt: size }
  medium: { codec: h264, encoder: libx264, keyIntervalMs: 500, slots: { readers: 4 } }
  low: { codec: raw, format: nv12 }
  door: { encoder: turbo, passThrough: false, adapt: off }`;
  const { streams, rings } = parse(yaml);
  t.match(streams, [
    {
      name: 'high',
      codec: { latency: 'smooth', encoder: 'auto', viewerQueue: { ms: 250, bytes: 16 * 2 ** 20 } },
      warm: true,
      adapt: 'size',
      slots: { readers: 2, hold: 2 },
    },
    {
      name: 'medium',
      port: undefined,
      codec: { kind: 'h264', encoder: 'libx264', keyIntervalMs: 500, viewerQueue: { ms: 500 } },
      slots: { readers: 4, hold: 2 },
    },
    {
      name: 'door',
      codec: { kind: 'mjpeg', encoder: 'turbo', quality: 80, passThrough: false },
      adapt: 'off',
    },
  ]);
  t.equal(streams.length, 3);
  t.match(rings, [{ name: 'analysis' }, { name: 'low', format: 'nv12', slots: { readers: 12, hold: 1 } }]);
});

t.test('the ring of camera frames takes slots, time-out and group only', async (t) => {
  const { cameras, rings } = parse('rings: { camera: { slots: { readers: 3, hold: 2 }, group: vision } }');
  t.match(cameras[0]?.ring, { name: 'camera', slots: { readers: 3, hold: 2 }, group: 'vision' });
  t.same(rings, [], 'it is not made a second time');
  t.match(problemsOf('rings:\n  camera: { width: 640, height: 480 }'), [
    'camstream.yaml:2: rings.camera.width: ring "camera" holds what the camera gives, unconverted; ' +
      'set cameras.main.mode or add another ring',
    /rings\.camera\.height/,
  ]);
});

t.test('every number out of range is refused by path, line, range and value', async (t) => {
  const cases: [path: string[], wanted: string, wrong: unknown[]][] = [
    [
      ['cameras', 'main', 'mode', 'width'],
      'a whole number 16..8192 pixels',
      [-3, 0, 15, 8193, 1.5, '640', null],
    ],
    [['cameras', 'main', 'mode', 'height'], 'a whole number 16..8192 pixels', [-1, 8193, 480.5, true]],
    [['cameras', 'main', 'mode', 'rate'], 'a number 0.1..240 frames a second', [0, -30, 241, '30', null]],
    [['cameras', 'main', 'buffers', 'count'], 'a whole number 2..32', [1, 33, 2.5, 'four']],
    [['rings', 'x', 'width'], 'a whole number 16..8192 pixels', [0, 8193, 0.1]],
    [['rings', 'x', 'height'], 'a whole number 16..8192 pixels', [0, 99999, -0.5]],
    [['rings', 'x', 'rate'], 'a number 0.1..240 frames a second', [0, 1e9, -1]],
    [['rings', 'x', 'rotate'], '0, 90, 180 or 270', [45, -90, 360, '90']],
    [['rings', 'x', 'crop', 'x'], 'a whole number 0..8191 pixels', [-1, 8192, 0.5]],
    [['rings', 'x', 'crop', 'y'], 'a whole number 0..8191 pixels', [-1, 8192]],
    [['rings', 'x', 'crop', 'width'], 'a whole number 16..8192 pixels', [0, 8193]],
    [['rings', 'x', 'crop', 'height'], 'a whole number 16..8192 pixels', [15, 8193]],
    [['rings', 'x', 'slots', 'readers'], 'a whole number 0..64', [-1, 65, 1.5, 'many']],
    [['rings', 'x', 'slots', 'hold'], 'a whole number 1..16', [0, 17, 1.5]],
    [['rings', 'x', 'leaseTimeoutMs'], 'a whole number 100..60000 ms', [99, 60001, -1, 0.5]],
    [['streams', 'x', 'width'], 'a whole number 16..8192 pixels', [-3, 15, 8193]],
    [['streams', 'x', 'height'], 'a whole number 16..8192 pixels', [-3, 15, 8193]],
    [['streams', 'x', 'rate'], 'a number 0.1..240 frames a second', [0, 0.05, 240.5]],
    [['streams', 'x', 'rotate'], '0, 90, 180 or 270', [1]],
    [['streams', 'x', 'quality'], 'a whole number 1..100', [0, 101, 79.5, 'high']],
    [['streams', 'x', 'bitrateKbps'], 'a whole number 50..100000 kbit/s', [49, 100001, -6000]],
    [['streams', 'x', 'keyIntervalMs'], 'a whole number 100..60000 ms', [99, 60_001, '1s']],
    [['streams', 'x', 'viewerQueue', 'ms'], 'a whole number 50..60000 ms', [49, 60_001, 0.5]],
    [
      ['streams', 'x', 'viewerQueue', 'bytes'],
      'a whole number 65536..1073741824 bytes',
      [65_535, 2 ** 30 + 1, '1M'],
    ],
    [['streams', 'x', 'slots', 'readers'], 'a whole number 0..64', [-1, 65]],
    [['streams', 'x', 'port'], 'a whole number 0..65535 (0: any free port)', [-1, 65536, 80.5, 'http']],
    [['server', 'httpPort'], 'a whole number 0..65535 (0: any free port)', [-1, 65536, 80.5, '8000']],
    [['server', 'rtspPort'], 'a whole number 0..65535 (0: any free port)', [-1, 65536]],
    [
      ['server', 'multicast', 'base'],
      'an IPv4 multicast address, 224.0.0.0 to 239.255.255.255',
      ['239.255.42', '192.0.2.1', 'ff02::1', '239.256.0.0'],
    ],
    [['server', 'rtpPort'], 'a whole number 0..65535 (0: any free port)', [-1, 65536]],
    [['server', 'rtcpPort'], 'a whole number 0..65535 (0: any free port)', [-1, 65536, '8557']],
    [['server', 'multicast', 'port'], 'a whole number 1..65534', [0, 65536]],
    [['server', 'multicast', 'ttl'], 'a whole number 1..255', [-1, 256, 1.5]],
    [['cameras', 'main', 'mode', 'input'], 'a whole number 0..63', [-1, 1.5, 'HDMI']],
    [['cameras', 'main', 'stallMs'], 'a whole number 200..600000 ms', [0, -1, 1.5]],
    [['server', 'load', 'afterMs'], 'a whole number 500..60000 ms', [-1, 1.5]],
    [['server', 'load', 'calmMs'], 'a whole number 1000..3600000 ms', [-1, 'long']],
    [['server', 'maxConnections'], 'a whole number 1..65535', [0, 65536, -1, 1.5]],
  ];
  for (const [path, wanted, values] of cases) {
    for (const value of [...values, Number.NaN, Number.POSITIVE_INFINITY]) {
      const found = problemsOf(nested(path, yamlOf(value)));
      const shown = value === null ? 'nothing' : typeof value === 'string' ? `"${value}"` : String(value);
      t.same(
        found.filter((line) => line.includes(`: ${path.join('.')}: `)),
        [`camstream.yaml:${path.length}: ${path.join('.')}: wanted ${wanted}, found ${shown}`],
        `${path.join('.')} ${shown}`,
      );
    }
  }
});

t.test('every other kind of setting is checked as well', async (t) => {
  const cases: [yaml: string, problem: string | RegExp][] = [
    ['rings: { x: { format: rgb } }', /rings\.x\.format: wanted one of yuyv, .*, found "rgb"/],
    ['rings: { x: { mirror: 1 } }', 'rings.x.mirror: wanted true or false, found 1'],
    ['rings: { x: { fit: zoom } }', 'rings.x.fit: wanted one of contain, cover, stretch, found "zoom"'],
    ['rings: { x: { group: "a b" } }', 'rings.x.group: wanted the name or number of a group, found "a b"'],
    ['rings: { x: { crop: 5 } }', 'rings.x.crop: wanted a mapping of settings, found 5'],
    [
      'rings: { x: { slots: { readers: 64, hold: 16 } } }',
      /x\.slots: wanted at most 256 leases .* found 1024/,
    ],
    ['rings: { x: }', 'rings.x: wanted a mapping of settings, found nothing'],
    ['rings: { ../x: {} }', /rings\.\.\.\/x: wanted a name of 1\.\.32 letters/],
    ['rings: []', 'rings: wanted a mapping of settings, found a list'],
    ['streams: { x: { codec: vp8 } }', 'streams.x.codec: wanted one of mjpeg, h264, raw, found "vp8"'],
    ['streams: { x: { bitrateKbps: 800 } }', /bitrateKbps: belongs to codec h264; this stream's is mjpeg/],
    ['streams: { x: { latency: smooth } }', /latency: belongs to codec h264/],
    ['streams: { high: { quality: 80 } }', /quality: belongs to codec mjpeg; this stream's is h264/],
    ['streams: { x: { codec: h264, port: 8001 } }', /port: belongs to codec mjpeg/],
    ['streams: { x: { format: nv12 } }', /format: belongs to codec raw/],
    [
      'streams: { x: { codec: h264, width: 641, height: 480 } }',
      /x\.width: wanted an even number .* found 641/,
    ],
    ['streams: { x: { codec: raw, warm: true } }', /warm: belongs to codec mjpeg or h264/],
    ['streams: { x: { encoder: libx264 } }', /encoder: wanted one of sharp, turbo, found "libx264"/],
    ['streams: { high: { encoder: "a b" } }', /encoder: wanted the name of an encoder, found "a b"/],
    [
      'streams: { high: { encoder: h265_magic } }',
      /encoder: wanted one of auto, h264_vaapi, .*libx264, found/,
    ],
    ['streams: { high: { preset: placebo } }', /preset: wanted one of ultrafast, .*medium, found "placebo"/],
    ['streams: { high: { latency: none } }', /latency: wanted one of low, balanced, smooth, found "none"/],
    ['streams: { x: { adapt: all } }', /adapt: wanted one of off, rate, size, found "all"/],
    ['streams: { x: { slots: { readers: 64, hold: 16 } } }', /x\.slots: wanted at most 256 leases/],
    ['streams: { analysis: { codec: raw } }', /streams\.analysis: needs a ring of its own name/],
    [
      'streams: { x: { width: 640 } }',
      'streams.x.height: width and height go together, found only the other',
    ],
    ['streams: { x: { camera: left } }', 'streams.x.camera: wanted one of main, found left'],
    [
      'streams: { analysis: {} }',
      /streams\.analysis: needs a ring of its own name, which is taken by the ring "analysis"/,
    ],
    [
      'streams: { x: { port: 8000 } }',
      'streams.x.port: wanted a port of its own, found server.httpPort (8000)',
    ],
    ['cameras: {}', 'cameras: wanted at least one camera, found none'],
    ['cameras: { main: { source: webcam } }', /cameras\.main\.source: SOURCE_INVALID: wanted auto, test,/],
    [
      'cameras: { main: { source: "gst: " } }',
      /cameras\.main\.source: SOURCE_INVALID: .*gst:PIPELINE, found/,
    ],
    [
      'cameras: { main: { backend: gstreamer } }',
      /cameras\.main\.backend: gstreamer is for a source \/dev\/videoN or id:ID, found auto/,
    ],
    [
      'cameras: { main: { source: /dev/video0, backend: ffmpeg } }',
      'cameras.main.backend: wanted one of v4l2, gstreamer, found "ffmpeg"',
    ],
    ['cameras: { main: { source: 5 } }', 'cameras.main.source: wanted a source, found 5'],
    [
      'cameras: { main: { controls: { gain: [1] } } }',
      /controls.gain: wanted a whole number, true, false, or/,
    ],
    [
      'cameras: { main: { controls: { gain: 1.5 } } }',
      /controls.gain: wanted a whole number, true, false, or/,
    ],
    [
      'cameras: { main: { mode: { format: nv99x } } }',
      /mode.format: wanted one of yuyv, .*, mjpeg, h264, or/,
    ],
    [
      'cameras: { main: { source: test, mode: { format: NV16 } } }',
      /main\.mode\.format: wanted one of yuyv, .*, gray8 of the source test, found "NV16"/,
    ],
    [
      'cameras: { main: { source: /dev/video0, backend: gstreamer, mode: { format: mjpeg } } }',
      /main\.mode\.format: wanted one of .* of the backend gstreamer, found "mjpeg"/,
    ],
    ['cameras: { main: { mode: { input: -1 } } }', /mode.input: wanted a whole number 0..63/],
    ['cameras: { main: { stallMs: 5 } }', /stallMs: wanted a whole number 200..600000 ms/],
    ['cameras: { main: { buffers: { io: dma } } }', /io: wanted one of auto, mmap, userptr, found "dma"/],
    ['server: { host: "a b" }', /server\.host: wanted an address or host name/],
    ['server: { tls: {} }', /server\.tls: TLS is not part of this version yet/],
    ['log: { level: loud }', 'log.level: wanted one of debug, info, warn, error, found "loud"'],
    ['log: { format: xml }', 'log.format: wanted one of text, json, found "xml"'],
    ['[1]', /wanted a mapping of settings, found a list/],
    [
      'cameras: { left: {}, right: {} }\nrings: { x: {} }',
      /rings\.x\.camera: wanted one of left, right, found nothing/,
    ],
  ];
  for (const [yaml, problem] of cases) {
    const found = problemsOf(yaml);
    t.equal(found.length, 1, `${yaml} has one problem: ${found.join(' | ')}`);
    t.match(found[0], problem, yaml);
  }
});

t.test('an unknown key is refused with the nearest known one', async (t) => {
  t.same(problemsOf('streams:\n  low:\n    qualty: 80'), [
    'camstream.yaml:3: streams.low.qualty: not a setting; did you mean quality?',
  ]);
  t.same(problemsOf('stream: {}'), ['camstream.yaml:1: stream: not a setting; did you mean streams?']);
  t.match(problemsOf('server: { colour: red }'), [
    /server\.colour: not a setting; known here: host, httpPort,/,
  ]);
  t.match(problemsOf('rings: { x: { slots: { reader: 2 } } }'), [/did you mean readers\?/]);
  t.match(problemsOf('__proto__: { a: 1 }'), [/__proto__: not a setting/]);
});

t.test('all problems are told at once, and YAML that is none by its line', async (t) => {
  t.equal(problemsOf('server: { httpPort: -1, host: 5 }\nlog: { level: 3 }').length, 3);
  t.match(problemsOf('server:\n  host: [1,\n'), [/^camstream\.yaml:\d+: /]);
  t.match(problemsOf('a: 1\na: 2'), [/^camstream\.yaml:2: Map keys must be unique/]);
  const many = (alias: string) => `[${`*${alias},`.repeat(20)}]`;
  const laughs = `a: &a [x, x]\nb: &b ${many('a')}\nc: &c ${many('b')}\nd: ${many('c')}`;
  t.match(problemsOf(laughs), [/alias/i], 'aliases that multiply are refused');
});

t.test('the command line goes over the file, and its problems carry its own names', async (t) => {
  const over = (source: string | undefined, path: [string, string], value: unknown, text = '') =>
    parseConfig({ text, folder: '/' }, { overrides: [{ option: '--option', path, value }], source });
  t.equal(over(undefined, ['server', 'httpPort'], 9000, 'server: { httpPort: 8000 }').server.httpPort, 9000);
  t.throws(() => over(undefined, ['server', 'httpPort'], '80x'), {
    message: '--option: wanted a whole number 0..65535 (0: any free port), found "80x"',
  });
  t.match(over('test', ['log', 'level'], 'debug').cameras, [{ name: 'main', source: { kind: 'test' } }]);
  t.match(over('/dev/video3', ['log', 'level'], 'debug', 'cameras: { top: {} }').cameras, [
    { name: 'top', source: { kind: 'v4l2', path: '/dev/video3' } },
  ]);
  t.throws(() => over('test', ['log', 'level'], 'info', 'cameras: { left: {}, right: {} }'), {
    message: /--source: wanted one camera to set it for, found left, right/,
  });
  t.throws(() => over('tset', ['log', 'level'], 'info'), { message: /^--source: SOURCE_INVALID/ });
});

t.test("a relative file is meant from the configuration's folder", async (t) => {
  t.match(parse('cameras: { main: { source: "file:clip.mp4" } }').cameras, [
    { source: { kind: 'file', path: '/etc/camstream/clip.mp4' } },
  ]);
});

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

t.test('a crop outside a picture of known size is refused, with its line', async (t) => {
  const problem = (camera: string, crop: string, where = 'rings', codec = '') =>
    problemsOf(`cameras: { main: { ${camera} } }\n${where}:\n  x:\n    ${codec}crop: { ${crop} }\n`).join();
  const small = 'source: /dev/video0, mode: { width: 640, height: 480';
  const cannot = 'CONVERSION_CROP: Cannot crop to 600x64 at 1400,2';
  const outside = (found: string) => `${cannot}: the source has ${found}. Choose a part that lies inside.`;
  const at = 'x: 1400, y: 2, width: 600, height: 64';
  t.equal(problem('source: test', at), `camstream.yaml:4: rings.x.crop: ${outside('1920x1080')}`);
  t.equal(
    problem(`${small} }`, at, 'streams', 'codec: raw\n    '),
    `camstream.yaml:5: streams.x.crop: ${outside('640x480')}`,
  );
  const below = problem(`${small} }`, 'x: 0, y: 400, width: 64, height: 82');
  t.match(below, 'CONVERSION_CROP: Cannot crop to 64x82 at 0,400');
  t.equal(problem(`${small} }`, 'x: 0, y: 400, width: 640, height: 80'), '', 'up to its edges');
  t.equal(problem('source: /dev/video0', at), '', 'what is known when the camera is open');
  const odd = 'x: 2, y: 3, width: 64, height: 64';
  t.equal(problem('source: test', odd), '', 'yuyv shares columns only');
  t.match(problem('source: test, mode: { format: i420 }', odd), /CONVERSION_CROP.* in i420 .*even numbers/);
  t.match(problem('source: test', 'x: 3, y: 2, width: 64, height: 64'), /CONVERSION_CROP.* in yuyv /);
  t.equal(problem(`${small}, format: bgr24 }`, 'x: 3, y: 3, width: 64, height: 64'), '');
});

function nested(path: readonly string[], value: string): string {
  const keys = path.map((key, depth) => `${'  '.repeat(depth)}${key}:`);
  return `${keys.join('\n')} ${value}\n`;
}

function yamlOf(value: unknown): string {
  if (typeof value === 'number' && Number.isNaN(value)) return '.nan';
  if (value === Number.POSITIVE_INFINITY) return '.inf';
  return JSON.stringify(value);
}

function sum(rings: readonly { readonly bytes: number }[]): number {
  return rings.reduce((total, { bytes }) => total + bytes, 0);
}

t.test('one user and a password, in the file or in one of its own; never shown', async (t) => {
  const folder = t.testdir({ right: 'sesame\n', empty: '', two: 'a\nb\n' });
  const auth = (text: string) => parseConfig({ text: `server: { auth: ${text} }`, folder }).server.auth;
  t.same(auth('{ user: me, password: secret }'), { user: 'me', password: 'secret' });
  t.same(auth('{ user: me, passwordFile: right }'), { user: 'me', password: 'sesame' });
  t.equal(parse('').server.auth, undefined);
  for (const [text, message] of [
    ['{}', /server\.auth\.user: wanted a user, found nothing/],
    ['{ user: me }', /server\.auth\.password: wanted password or passwordFile, found neither/],
    ['{ user: me, password: a, passwordFile: right }', /found both/],
    ['{ user: "a:b", password: a }', /server\.auth\.user: wanted 1\.\.64 characters other than/],
    ['{ user: me, passwordFile: none }', /server\.auth\.passwordFile: wanted a file, found none at/],
    ['{ user: me, passwordFile: empty }', /wanted one line of 1\.\.256 characters in/],
    ['{ user: me, passwordFile: two }', /wanted one line/],
    ['{ user: me, passwordFile: . }', /EISDIR/],
  ] as const)
    t.throws(() => auth(text), { message });
  for (const secret of ['12345', '"tab\\t"', '[a]']) {
    t.throws(() => auth(`{ user: me, password: ${secret} }`), {
      message: 'server.auth.password: wanted one line of 1..256 characters, found another (not shown)',
    });
  }
});

t.test('the warning of a service without a password goes when there is one', async (t) => {
  t.match(planOf(parse('server: { host: 0.0.0.0 }')).warnings.join(), /without a password/);
  const open = 'server: { host: 0.0.0.0, auth: { user: me, password: secret } }';
  t.notMatch(planOf(parse(open)).warnings.join(), /password/);
});
