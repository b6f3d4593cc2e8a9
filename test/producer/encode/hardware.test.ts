import { silentLog } from '@camstream/core';
import { type BackOffTimes, type H264Unit, Hardware, h264Encoders } from '@camstream/producer';
import t, { type Test } from 'tap';
import { decode, H264Rig } from '../../support/h264-rig.js';
import { StandInFfmpeg } from '../../support/stand-in-ffmpeg.js';
import { until } from '../../support/until.js';

t.test('the first encoder that really encodes is taken, and the others say why not', async (t) => {
  const hardware = new Hardware(silentLog);
  t.equal(await hardware.choose('auto'), 'libx264');
  const results = hardware.results();
  t.same(
    results.map(({ encoder }) => encoder),
    ['h264_vaapi', 'h264_v4l2m2m', 'h264_nvenc', 'h264_qsv', 'libx264'],
  );
  for (const { works, reason } of results) t.equal(reason === '', works, reason);
  await t.rejects(
    hardware.choose('auto', 'libx264'),
    { code: 'ENCODER_UNAVAILABLE' },
    'none behind the last',
  );
});

t.test('an encoder that is asked for and cannot be had is an error that names what there is', async (t) => {
  const hardware = new Hardware(silentLog);
  t.equal(await hardware.choose('libx264'), 'libx264');
  t.equal(hardware.results().length, 1, 'the others were not even tried');
  await t.rejects(hardware.choose('h265_magic'), {
    code: 'ENCODER_UNKNOWN',
    message: /"h265_magic" is not known; there are auto, h264_vaapi, .*libx264/,
  });
  await t.rejects(hardware.choose('h264_nvenc'), {
    code: 'ENCODER_UNAVAILABLE',
    message: /"h264_nvenc" does not work here \(.+\); there is: libx264/,
  });
});

const hardwareEncoders = h264Encoders.filter((encoder) => encoder !== 'libx264');
/** Long enough that nothing comes back in a test that is not about it. */
const never: BackOffTimes = { firstMs: 600_000, mostMs: 600_000, heldMs: 600_000 };

function capturedLog() {
  const lines: string[] = [];
  const keep = (_: unknown, message: string) => void lines.push(message);
  return { lines, log: { ...silentLog, warn: keep, info: keep } };
}

/** One decoder plays it, and where the encoder changes it goes on with a key frame. */
function checkPlayable(t: Test, units: readonly H264Unit[]): void {
  const turns = units.filter((unit, n) => n > 0 && unit.parameters !== units[n - 1]?.parameters);
  t.ok(turns.length > 0 && turns.every(({ keyFrame }) => keyFrame), 'each begins with a key frame');
  t.equal(decode(units).length, units.length, 'one decoder plays it all');
}

t.test(
  'every encoder of hardware is chosen where it works, and libx264 where it fails a trial',
  async (t) => {
    for (const encoder of hardwareEncoders) {
      const hardware = new Hardware(silentLog, StandInFfmpeg.withEncoders(t, encoder).program);
      t.equal(await hardware.choose('auto'), encoder);
      const before = h264Encoders.slice(0, h264Encoders.indexOf(encoder));
      t.same(
        hardware.results().map((one) => [one.encoder, one.works, /no device for/.test(one.reason)]),
        [...before.map((other) => [other, false, true]), [encoder, true, false]],
        'those before it say why not, those behind it are not tried',
      );
    }
  },
);

for (const fault of ['die', 'hang'] as const) {
  t.test(
    `an encoder of hardware that comes to ${fault} is replaced by the next, whichever it is`,
    async (t) => {
      const rig = await H264Rig.open(t);
      const all = hardwareEncoders.map((encoder) => {
        const standIn = StandInFfmpeg.withEncoders(t, encoder);
        const { lines, log } = capturedLog();
        const hardware = new Hardware(log, standIn.program);
        const running = rig.encoder({ hardware, log, encoder: 'auto', retry: never });
        running.encoder.setActive(true);
        return { encoder, standIn, running, lines };
      });
      for (const { encoder, running } of all) {
        await running.made(10);
        t.equal(running.encoder.kind, encoder);
        t.notOk(
          running.encoder.steps.some(({ text }) => text.includes('preset')),
          'it has no presets',
        );
      }
      for (const { encoder, running, standIn } of all) {
        standIn.make(encoder, fault);
        const pid = await until('a child', () => running.encoder.pid);
        process.kill(pid, fault === 'die' ? 'SIGKILL' : 'SIGSTOP');
      }
      for (const { encoder, running, lines } of all) {
        await until(`another in place of ${encoder}`, () => running.encoder.kind === 'libx264', 60_000);
        const before = running.units.length;
        await running.made(before + 10);
        t.equal(running.encoder.load().restarts, 3);
        t.ok(lines.includes('the encoder failed too often; another takes over'), lines.join('\n'));
        t.equal(running.encoder.problem, undefined, 'what is over is no problem');
        const code = fault === 'die' ? 'ENCODER_ENDED' : 'ENCODER_HUNG';
        t.match(running.encoder.fallBack, { from: encoder, problem: { code } }, 'but it is remembered');
        checkPlayable(t, running.units);
      }
    },
  );
}

const skipsLong = process.env.CAMSTREAM_LONG ? false : 'ten seconds; CAMSTREAM_LONG=1';

t.test('an encoder that falls behind for good is replaced', { skip: skipsLong }, async (t) => {
  const standIn = StandInFfmpeg.withEncoders(t, 'h264_qsv');
  const hardware = new Hardware(silentLog, standIn.program);
  const rig = await H264Rig.open(t);
  standIn.make('h264_qsv', 'lag');
  const running = rig.encoder({ hardware, encoder: 'auto', retry: never });
  running.encoder.setActive(true);
  const problem = await until('the end of its patience', () => running.encoder.problem, 60_000);
  t.match(problem, { code: 'ENCODER_BEHIND', message: /2 s late for good/ });
  standIn.mend('h264_qsv');
  const before = running.units.length;
  await running.made(before + 5);
  t.equal(running.encoder.kind, 'h264_qsv', 'once is forgiven');
});

t.test('a better encoder that failed is tried again beside the other, later each time', async (t) => {
  const standIn = StandInFfmpeg.withEncoders(t, 'h264_vaapi');
  const { lines, log } = capturedLog();
  const hardware = new Hardware(log, standIn.program);
  const rig = await H264Rig.open(t);
  const retry = { firstMs: 300, mostMs: 600, heldMs: 600_000 };
  const running = rig.encoder({ hardware, log, encoder: 'auto', retry });
  running.encoder.setActive(true);
  await running.made(5);
  standIn.make('h264_vaapi', 'die');
  process.kill(await until('a child', () => running.encoder.pid), 'SIGKILL');
  await until('the other', () => running.encoder.kind === 'libx264');
  const still = 'the better encoder fails still: ffmpeg ended with exit status 1: the driver has crashed';
  await until('two tries in vain', () => lines.filter((line) => line === still).length >= 2, 60_000);
  t.equal(running.encoder.load().restarts, 3, 'which viewers do not notice');
  t.match(running.encoder.fallBack, { from: 'h264_vaapi' });
  const before = running.units.length;
  standIn.mend('h264_vaapi');
  await until('it to be back', () => running.encoder.kind === 'h264_vaapi', 60_000);
  t.ok(lines.includes('the better encoder is back'));
  t.equal(running.encoder.fallBack, undefined);
  await running.made(running.units.length + 5);
  const since = running.units.slice(before);
  const gaps = since.slice(1).map(({ sequence }, n) => sequence - (since[n]?.sequence ?? 0));
  const { framesDropped, restarts } = running.encoder.load();
  t.ok(Math.max(...gaps) <= 1 + framesDropped, `no picture is lost: ${gaps.join()}`);
  t.equal(restarts, 3);
  checkPlayable(t, running.units);

  standIn.make('h264_vaapi', 'die');
  process.kill(await until('a child', () => running.encoder.pid), 'SIGKILL');
  await until('the other', () => running.encoder.kind === 'libx264');
  t.equal(running.encoder.load().restarts, 4, 'one that has just come back is not forgiven anything');
});

t.test(
  'a program that is not there, or is no ffmpeg, is said; one that is installed later is found',
  async (t) => {
    const standIn = StandInFfmpeg.absent(t);
    const hardware = new Hardware(silentLog, standIn.program);
    await t.rejects(hardware.choose('auto'), { code: 'FFMPEG_MISSING', message: /apt-get install ffmpeg/ });
    standIn.write('echo hello, this is no video at all');
    await t.rejects(hardware.choose('libx264'), {
      code: 'ENCODER_UNAVAILABLE',
      message: /wanted H.264 in FLV from the encoder, found "hello, t"/,
    });
    const other = StandInFfmpeg.absent(t);
    const patient = new Hardware(silentLog, other.program);
    await t.rejects(patient.choose('auto'), { code: 'FFMPEG_MISSING' });
    other.write('exec ffmpeg "$@"');
    t.equal(await patient.choose('auto'), 'libx264');
  },
);

t.test('an encoder that gives fewer pictures than it gets is none', async (t) => {
  const standIn = StandInFfmpeg.script(t, `exec ffmpeg "\${@/#5/3}"`);
  const hardware = new Hardware(silentLog, standIn.program);
  await t.rejects(hardware.choose('libx264'), { message: /made 3 pictures of 5/ });
});
