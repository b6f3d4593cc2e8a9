import t from 'tap';
import { problemsOf } from '../../support/parse-text.js';

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
