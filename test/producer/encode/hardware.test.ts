import { silentLog } from '@camstream/core';
import { Hardware } from '@camstream/producer';
import t from 'tap';
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

t.test('a machine with VA-API encodes by it, and by libx264 after three failures', async (t) => {
  const standIn = StandInFfmpeg.withVaapi(t);
  const lines: string[] = [];
  const log = { ...silentLog, warn: (_: unknown, message: string) => lines.push(message) };
  const hardware = new Hardware(log, standIn.program);
  const rig = await H264Rig.open(t);
  const running = rig.encoder({ hardware, log, encoder: 'auto' });
  running.encoder.setActive(true);
  await running.made(10);
  t.equal(running.encoder.kind, 'h264_vaapi');
  t.same(
    hardware.results().map(({ encoder, works }) => [encoder, works]),
    [['h264_vaapi', true]],
    'the first that works ends the search',
  );
  t.notOk(
    running.encoder.steps.some(({ text }) => text.includes('preset')),
    'it has no presets',
  );

  standIn.breakVaapi();
  process.kill(await until('a child', () => running.encoder.pid), 'SIGKILL');
  await until('the other encoder', () => running.encoder.kind === 'libx264');
  const before = running.units.length;
  await running.made(before + 10);
  t.equal(running.encoder.load().restarts, 3);
  t.ok(lines.includes('the encoder failed too often; another takes over'), lines.join('\n'));
  t.match(running.encoder.problem, undefined, 'what is over is no problem');
  const at = running.units.findIndex(
    (unit, n) => n > 0 && unit.parameters !== running.units[n - 1]?.parameters,
  );
  t.ok(running.units[at]?.keyFrame, 'it begins with a key frame');
  t.equal(decode(running.units).length, running.units.length, 'and one decoder plays it all');
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
