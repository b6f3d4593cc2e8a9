import { spawnSync } from 'node:child_process';
import {
  codecText,
  nalType,
  parseSps,
  profileLevelId,
  splitByLength,
  splitByStartCode,
} from '@camstream/producer';
import t from 'tap';

t.test('NAL units are found behind start codes and behind lengths', async (t) => {
  const nals = [Buffer.from([0x67, 1]), Buffer.from([0x68, 0, 2]), Buffer.from([0x65, 9, 9, 9])];
  const coded = Buffer.concat([
    Buffer.from([0, 0, 0, 1]),
    nals[0] as Buffer,
    Buffer.from([0, 0, 1]),
    nals[1] as Buffer,
    Buffer.from([0, 0, 0, 0, 1]),
    nals[2] as Buffer,
    Buffer.from([0, 0]),
  ]);
  t.same(splitByStartCode(coded), nals, 'zeros between them belong to none');
  t.same(splitByStartCode(Buffer.from([1, 2, 3])), []);
  t.same(splitByStartCode(Buffer.from([0, 0, 1])), []);
  for (const size of [1, 2, 3, 4]) {
    const lengths = Buffer.concat(
      nals.flatMap((nal) => {
        const length = Buffer.alloc(size);
        length.writeUIntBE(nal.length, 0, size);
        return [length, nal];
      }),
    );
    t.same(splitByLength(lengths, size), nals, `lengths of ${size} bytes`);
    t.equal(splitByLength(lengths.subarray(0, -1), size), undefined, 'cut off');
    t.equal(splitByLength(Buffer.concat([lengths, Buffer.alloc(size, 1)]), size), undefined, 'too long');
  }
  t.equal(nalType(Buffer.alloc(0)), 0);
});

t.test('an SPS of x264 says what ffmpeg was asked for', async (t) => {
  for (const { size, args, wanted } of asked) {
    const made = spawnSync('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', `color=s=${size}:r=30`, '-frames:v', '1', '-c:v', 'libx264'],
      ...[...args, '-f', 'h264', 'pipe:1'],
    ]);
    const sps = splitByStartCode(made.stdout).find((nal) => nalType(nal) === 7);
    if (sps === undefined) throw new Error(made.stderr.toString());
    t.match(parseSps(sps), wanted, args.join(' '));
    for (let length = 0; length < sps.length - 1; ++length) {
      t.throws(() => parseSps(sps.subarray(0, length)), RangeError, `cut off at ${length}`);
    }
  }
});

const unspecified = { primaries: 2, transfer: 2, matrix: 2, fullRange: false };
const asked = [
  {
    size: '1920x1080',
    args: ['-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    wanted: { width: 1920, height: 1080, profile: 66, level: 40, colour: unspecified, reorderedPictures: 0 },
  },
  {
    size: '322x242',
    args: [
      '-preset',
      'medium',
      '-pix_fmt',
      'yuv420p',
      '-x264-params',
      'nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500',
    ],
    wanted: { width: 322, height: 242, profile: 100, reorderedPictures: 2 },
  },
  {
    size: '320x240',
    args: ['-pix_fmt', 'yuv444p', '-color_range', 'pc', '-colorspace', 'bt709', '-x264-params', 'cqm=jvt'],
    wanted: { width: 320, height: 240, profile: 244, colour: { matrix: 1, fullRange: true } },
  },
];

t.test('random bytes are read or refused, and never for long', async (t) => {
  let seed = 1;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed >> 16;
  };
  let refused = 0;
  for (let n = 0; n < 2000; ++n) {
    const bytes = Buffer.from(Array.from({ length: 1 + (random() % 60) }, () => random() & 0xff));
    bytes[1] = [66, 77, 100, 244][n % 4] ?? 66;
    try {
      parseSps(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      ++refused;
    }
  }
  t.ok(refused > 500, `${refused} refused`);
});

t.test('profile and level as players are told', async (t) => {
  const sps = Buffer.from([0x67, 0x42, 0xc0, 0x1f, 0xff]);
  t.equal(profileLevelId(sps), '42C01F');
  const told = { ...unspecifiedInfo, profile: 0x42, constraints: 0xc0, level: 0x1f };
  t.equal(codecText(told), 'avc1.42C01F');
});

const unspecifiedInfo = { width: 16, height: 16, colour: unspecified, reorderedPictures: 0 };
