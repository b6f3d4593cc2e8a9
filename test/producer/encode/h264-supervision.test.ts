import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { silentLog } from '@camstream/core';
import { type H264Unit, Hardware, h264Steps, parseSps, RecentFailures } from '@camstream/producer';
import t, { type Test } from 'tap';
import { distribution } from '../../support/distribution.js';
import { decode, H264Rig } from '../../support/h264-rig.js';
import { StandInFfmpeg } from '../../support/stand-in-ffmpeg.js';
import { until } from '../../support/until.js';

/** Milliseconds without a unit at most. */
function longestGapMs(units: readonly H264Unit[]): number {
  const gaps = units.slice(1).map(({ capturedAtNs }, n) => capturedAtNs - (units[n]?.capturedAtNs ?? 0n));
  return Math.max(...gaps.map((gap) => Number(gap) / 1e6));
}

/** One decoder plays all of it, every picture in order, each the one it says it is. */
function checkPlayable(t: Test, rig: H264Rig, units: readonly H264Unit[]): void {
  const times = units.map(({ capturedAtNs }) => capturedAtNs);
  t.ok(
    times.every((time, n) => n === 0 || time > (times[n - 1] ?? 0n)),
    'no picture twice, none out of order',
  );
  const layout = { format: 'i420', width: 320, height: 240 };
  const painted = decode(units).map((data) => rig.rig.addon.readBlockCode(data, layout)?.capturedAtNs);
  t.same(painted, times, 'one decoder plays it all');
}

t.test('an ffmpeg that is killed is replaced, and viewers go on at a key frame', async (t) => {
  const rig = await H264Rig.open(t);
  const running = rig.encoder();
  running.encoder.setActive(true);
  await running.made(20);
  process.kill(running.encoder.pid ?? 0, 'SIGKILL');
  const last = running.units.at(-1)?.sequence ?? 0;
  await until('units of another', () => (running.units.at(-1)?.sequence ?? 0) > last + 20);
  t.equal(running.encoder.load().restarts, 1);
  checkPlayable(t, rig, running.units);
  t.comment(`without pictures for ${longestGapMs(running.units).toFixed(0)} ms`);
});

t.test('an ffmpeg that hangs is replaced, and does not stay', async (t) => {
  const rig = await H264Rig.open(t);
  const running = rig.encoder();
  running.encoder.setActive(true);
  await running.made(20);
  const pid = running.encoder.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  await until('it is given up', () => running.encoder.load().restarts === 1);
  await until('its end', () => !existsSync(`/proc/${pid}`));
  const before = running.units.length;
  await running.made(before + 10);
  checkPlayable(t, rig, running.units);
  t.comment(`without pictures for ${longestGapMs(running.units).toFixed(0)} ms`);
});

t.test('another preset takes over at a key frame of the grid, and not one picture is lost', async (t) => {
  const rig = await H264Rig.open(t);
  const running = rig.encoder({ settings: { preset: 'veryfast' } });
  running.encoder.setActive(true);
  await running.made(10);
  const first = running.encoder.pid;
  running.encoder.setStep(2);
  t.match(running.encoder.steps[running.encoder.step], { preset: 'ultrafast', rate: 30 });
  await until('the other encoder at work', () => running.encoder.pid !== first);
  const before = running.units.length;
  await running.made(before + 20);
  checkPlayable(t, rig, running.units);
  const turn = running.units.findIndex(
    (unit, n) => n > 0 && unit.parameters !== running.units[n - 1]?.parameters,
  );
  const [old, fresh] = [running.units[turn - 1], running.units[turn]];
  t.ok(fresh?.keyFrame);
  t.ok(isFirstOfSecond(fresh, old), 'on the grid');
  t.equal(running.encoder.load().restarts, 0);
  const dropped = running.encoder.load().framesDropped;
  t.ok((fresh?.sequence ?? 0) - (old?.sequence ?? 0) <= 1 + dropped, 'the next picture');
});

t.test('a lower rate needs no other encoder', async (t) => {
  const rig = await H264Rig.open(t);
  const running = rig.encoder();
  running.encoder.setActive(true);
  await running.made(10);
  const pid = running.encoder.pid;
  const step = running.encoder.steps.findIndex(({ rate }) => rate === 7.5);
  running.encoder.setStep(step);
  const before = running.units.length;
  await running.made(before + 10);
  t.equal(running.encoder.pid, pid);
  const slow = running.units.slice(before + 2);
  const times = slow.map(({ capturedAtNs }) => Number(capturedAtNs) / 1e6);
  t.ok(
    times.every((time, n) => n === 0 || time - (times[n - 1] ?? 0) > 100),
    times.join(),
  );
});

t.test(
  'a smaller picture takes over at a key frame and goes again, and one decoder plays it all',
  async (t) => {
    const rig = await H264Rig.open(t);
    const running = rig.encoder({ adapt: 'size' });
    const last = running.encoder.steps.length - 1;
    t.match(running.encoder.steps[last], { text: /, half the size$/, scale: 2 });
    running.encoder.setActive(true);
    await running.made(10);
    running.encoder.setStep(last);
    await until('small pictures', () => running.units.at(-1)?.width === 160);
    await running.made(running.units.length + 4);
    running.encoder.setStep(0);
    await until('large ones again', () => running.units.at(-1)?.width === 320);
    await running.made(running.units.length + 10);
    const units = [...running.units];
    t.equal(running.encoder.load().restarts, 0);
    const turns = units.filter((unit, n) => n > 0 && unit.width !== units[n - 1]?.width);
    t.same(
      turns.map(({ keyFrame, width, height }) => [keyFrame, width, height]),
      [
        [true, 160, 120],
        [true, 320, 240],
      ],
    );
    for (const { parameters, width, height } of units) {
      const { width: codedWidth, height: codedHeight } = parseSps(parameters.sps);
      t.same([codedWidth, codedHeight], [width, height], 'its SPS says so');
    }
    // ffmpeg brings every picture to the size of the first, and does not mind where it changes.
    const layout = { format: 'i420', width: 320, height: 240 };
    t.same(
      decode(units).map((data) => rig.rig.addon.readBlockCode(data, layout)?.capturedAtNs),
      units.map(({ capturedAtNs }) => capturedAtNs),
      'one decoder plays it all, each picture the one it says it is',
    );
  },
);

t.test('key frames of encoders that began at different moments are the same pictures', async (t) => {
  const rig = await H264Rig.open(t);
  const one = rig.encoder({ settings: { keyIntervalMs: 500 } });
  const two = rig.encoder({ settings: { keyIntervalMs: 500, bitrateKbps: 500 } });
  one.encoder.setActive(true);
  await one.made(20);
  two.encoder.setActive(true);
  await two.made(75);
  const keys = (units: readonly H264Unit[]) =>
    units.filter(({ keyFrame }) => keyFrame).map(({ capturedAtNs }) => capturedAtNs);
  const begin = keys(two.units)[1] ?? 0n; // its first picture is a key frame wherever it is
  const last = [one, two].map(({ units }) => units.at(-1)?.capturedAtNs ?? 0n);
  const common = [one, two].map(({ units }) =>
    keys(units).filter((time) => time >= begin && last.every((end) => time <= end)),
  );
  t.ok((common[0]?.length ?? 0) >= 3, `${common[0]?.length} key frames`);
  t.same(common[0], common[1]);
  for (const { units } of [one, two]) {
    const wrong = units
      .slice(1)
      .filter((unit, n) => unit.keyFrame !== isFirstOf(500_000_000n, unit, units[n]));
    t.equal(wrong.length, 0, 'the first picture of each interval, and no other');
  }
});

t.test('while nobody watches there is no ffmpeg, and the first picture is soon there', async (t) => {
  const rig = await H264Rig.open(t);
  const running = rig.encoder();
  const starts: number[] = [];
  for (let round = 0; round < 3; ++round) {
    const before = running.units.length;
    const begin = performance.now();
    running.encoder.setActive(true);
    const units = await running.made(before + 1);
    starts.push(performance.now() - begin);
    t.ok(units[before]?.keyFrame);
    const pid = running.encoder.pid ?? 0;
    running.encoder.setActive(false);
    t.equal(running.encoder.pid, undefined);
    await until('the end of ffmpeg', () => !existsSync(`/proc/${pid}`));
  }
  t.comment(`from nothing to the first picture, ms: ${distribution(starts)}`);
  // Well under a second is wanted; the machine may be busy with other things.
  t.ok(Math.min(...starts) < 5000);
  await running.encoder.close();
  running.encoder.setActive(true);
  t.equal(running.encoder.pid, undefined, 'after close() nothing begins');
});

t.test('what keeps an encoder from its work is told, and it tries again', async (t) => {
  const standIn = StandInFfmpeg.absent(t);
  const rig = await H264Rig.open(t, { size: { width: 320, height: 240 } });
  const running = rig.encoder({ hardware: new Hardware(silentLog, standIn.program) });
  await running.encoder.prepare();
  t.match(running.encoder.problem, { code: 'FFMPEG_MISSING' }, 'before anybody watches');
  running.encoder.setActive(true);
  running.encoder.setActive(false);
  t.match(running.encoder.problem, { code: 'FFMPEG_MISSING' }, 'and when nobody watches any more');
  running.encoder.setActive(true);
  standIn.write('exec ffmpeg "$@"');
  await running.made(1);
  t.equal(running.encoder.problem, undefined);
});

t.test('a machine without setpriv is told which package has it', async (t) => {
  const path = process.env.PATH;
  t.teardown(() => {
    process.env.PATH = path;
  });
  const folder = t.testdir({
    ffmpeg: t.fixture('symlink', execFileSync('which', ['ffmpeg']).toString().trim()),
  });
  const rig = await H264Rig.open(t);
  const running = rig.encoder({ hardware: new Hardware(silentLog, `${folder}/ffmpeg`) });
  process.env.PATH = folder;
  running.encoder.setActive(true);
  const problem = await until('the problem', () => running.encoder.problem);
  t.match(problem, { code: 'ENCODER_SYSTEM', message: /setpriv \(of util-linux\) cannot be run: .*ENOENT/ });
  process.env.PATH = path;
  await running.made(1);
});

t.test('an odd size is refused by name', async (t) => {
  const rig = await H264Rig.open(t, { size: { width: 321, height: 240 } });
  const running = rig.encoder();
  running.encoder.setActive(true);
  const problem = await until('the problem', () => running.encoder.problem);
  t.match(problem, { code: 'ENCODER_SIZE', message: /321x240/ });
});

t.test('steps go down by preset, then by rate, as far as the stream allows', async (t) => {
  const ladder = { preset: 'veryfast', rate: 30, adapt: 'rate', hasPresets: true } as const;
  t.same(
    h264Steps(ladder).map(({ text }) => text),
    [
      'preset veryfast, 30/s',
      'preset superfast, 30/s',
      'preset ultrafast, 30/s',
      'preset ultrafast, 15/s',
      'preset ultrafast, 7.5/s',
    ],
  );
  t.same(
    h264Steps({ ...ladder, hasPresets: false }).map(({ text }) => text),
    ['30/s', '15/s', '7.5/s'],
  );
  t.same(
    h264Steps({ ...ladder, adapt: 'size' })
      .slice(4)
      .map(({ text, scale }) => [text, scale]),
    [
      ['preset ultrafast, 7.5/s', 1],
      ['preset ultrafast, 7.5/s, half the size', 2],
    ],
    'the size last, and only where the stream says so',
  );
  t.equal(h264Steps({ ...ladder, adapt: 'off' }).length, 1);
  t.equal(h264Steps({ ...ladder, rate: 0 }).length, 3, 'no rate is known: none is lowered');
});

t.test('failures are forgotten after a minute, and pauses grow up to a bound', async (t) => {
  let now = 0;
  const failures = new RecentFailures(() => now);
  t.equal(failures.note(), 1);
  t.equal(failures.pauseMs, 0, 'the first is forgiven');
  t.equal(failures.note(), 2);
  t.equal(failures.pauseMs, 250);
  for (let n = 0; n < 20; ++n) failures.note();
  t.equal(failures.pauseMs, 8000);
  now = 61_000;
  t.equal(failures.note(), 1);
});

function isFirstOfSecond(unit: H264Unit | undefined, before: H264Unit | undefined): boolean {
  return isFirstOf(1_000_000_000n, unit, before);
}

/** Whether an interval of the capture clock begins between the two. */
function isFirstOf(interval: bigint, unit: H264Unit | undefined, before: H264Unit | undefined): boolean {
  if (unit === undefined || before === undefined) return false;
  return unit.capturedAtNs / interval > before.capturedAtNs / interval;
}
