import { parseConfig } from '@camstream/producer';
import t from 'tap';
import { parseText as parse, problemsOf } from '../../support/parse-text.js';

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
