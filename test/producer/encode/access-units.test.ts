import { spawnSync } from 'node:child_process';
import { AccessUnits, FlvReader, nalType } from '@camstream/producer';
import t from 'tap';

/** Ten pictures of ffmpeg's, two of them key frames. */
function flv(...args: string[]): Buffer {
  const made = spawnSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=25', '-frames:v', '10', '-c:v', 'libx264'],
    ...['-pix_fmt', 'yuv420p', '-g', '5', '-preset', 'ultrafast', ...args, '-f', 'flv', 'pipe:1'],
  ]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  return made.stdout;
}

const plain = flv();

t.test('pictures come out whole, however the bytes are cut', async (t) => {
  const whole = new AccessUnits().push(plain);
  t.equal(whole.length, 10);
  t.same(
    whole.map(({ timeMs }) => timeMs),
    [0, 40, 80, 120, 160, 200, 240, 280, 320, 360],
  );
  t.same(
    whole.map(({ keyFrame }) => keyFrame),
    [true, false, false, false, false, true, false, false, false, false],
  );
  t.same(whole[0]?.nals.map(nalType).slice(0, 2), [7, 8], 'parameter sets in front of a key frame');
  t.same(whole[1]?.nals.map(nalType), [1], 'and of nothing else');
  t.ok(
    whole.every(({ parameters }) => parameters === whole[0]?.parameters),
    'one object while they stay the same',
  );
  for (const size of [1, 7, 1000]) {
    const reader = new AccessUnits();
    const units = [];
    for (let at = 0; at < plain.length; at += size) units.push(...reader.push(plain.subarray(at, at + size)));
    t.same(units, whole, `${size} bytes at a time`);
  }
});

t.test('a picture is complete with its own last byte', async (t) => {
  const reader = new AccessUnits();
  let made = 0;
  let last = 0;
  for (let at = 0; at < plain.length; ++at) {
    const units = reader.push(plain.subarray(at, at + 1));
    if (units.length > 0) last = at;
    made += units.length;
  }
  // Behind it there is only the tag that ends the sequence: header, 5 bytes, size.
  t.equal(made, 10);
  t.ok(plain.length - last < 40, `${plain.length - last} bytes follow`);
});

t.test('parameter sets may come with the pictures', async (t) => {
  const bodies = new AccessUnits().push(plain);
  const startCode = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([
    plain.subarray(0, 13),
    tag(9, 0, Buffer.from([0x17, 0, 0, 0, 0])),
    ...bodies.map(({ nals, timeMs, keyFrame }) =>
      tag(
        9,
        timeMs,
        Buffer.concat([
          Buffer.from([keyFrame ? 0x17 : 0x27, 1, 0, 0, 0]),
          ...[Buffer.from([9, 0xf0]), ...nals].flatMap((nal) => [startCode, nal]),
        ]),
      ),
    ),
  ]);
  t.same(new AccessUnits().push(file), bodies);
});

t.test('what is not H.264 in FLV, one in, one out, is refused', async (t) => {
  const begin = plain.subarray(0, 13);
  const refused = new Map<string, Buffer>([
    ['text', Buffer.from('ffmpeg version 5.1.9 built with gcc')],
    ['B-frames', flv('-bf', '2', '-preset', 'medium')],
    ['a tag of 16 MB', Buffer.concat([begin, Buffer.from([9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0])])],
    ['an unknown tag', Buffer.concat([begin, tag(77, 0, Buffer.alloc(9))])],
    ['a tag whose sizes differ', Buffer.concat([begin, tag(9, 0, Buffer.alloc(9)).fill(1, 20)])],
    ['another codec', Buffer.concat([begin, tag(9, 0, Buffer.from([0x12, 1, 0, 0, 0, 1]))])],
    ['an empty picture', Buffer.concat([begin, tag(9, 0, Buffer.from([0x17, 1, 0, 0, 0]))])],
    [
      'parameter sets that are cut off',
      Buffer.concat([begin, tag(9, 0, Buffer.from([0x17, 0, 0, 0, 0, 1, 2]))]),
    ],
  ]);
  for (const [what, bytes] of refused) {
    t.throws(() => new AccessUnits().push(bytes), { code: 'ENCODER_OUTPUT' }, what);
  }
});

t.test('a byte changed anywhere is read or refused, never anything else', async (t) => {
  let refused = 0;
  for (let at = 0; at < Math.min(plain.length, 4000); ++at) {
    const bytes = Buffer.from(plain);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    try {
      new AccessUnits().push(bytes);
    } catch (error) {
      t.match(error, { code: 'ENCODER_OUTPUT' });
      ++refused;
    }
  }
  t.ok(refused > 50, `${refused} refused`);
});

t.test('times are of 31 bits', async (t) => {
  const picture = Buffer.from([0x27, 1, 0, 0, 0, 1]);
  const [found] = new FlvReader().push(Buffer.concat([plain.subarray(0, 13), tag(9, 0x7fffffff, picture)]));
  t.match(found, { kind: 'picture', timeMs: 0x7fffffff, laterMs: 0 });
});

function tag(type: number, timeMs: number, body: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  head.writeUIntBE(timeMs & 0xffffff, 4, 3);
  head[7] = timeMs >>> 24;
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + head.length);
  return Buffer.concat([head, body, size]);
}
