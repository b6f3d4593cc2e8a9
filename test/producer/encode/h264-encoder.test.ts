import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latencyModes, latencySettings, nalType, nalTypes, parseSps } from '@camstream/producer';
import t from 'tap';
import { decode, H264Rig } from '../../support/h264-rig.js';

t.test('each unit is the picture that was captured when it says', async (t) => {
  const rig = await H264Rig.open(t);
  const running = rig.encoder();
  running.encoder.setActive(true);
  const units = (await running.made(45)).slice(0, 45);
  const pictures = decode(units);
  t.equal(pictures.length, units.length, 'every unit is a picture');
  const codes = pictures.map((data) =>
    rig.rig.addon.readBlockCode(data, { format: 'i420', width: 320, height: 240 }),
  );
  t.same(
    codes.map((code) => code?.capturedAtNs),
    units.map(({ capturedAtNs }) => capturedAtNs),
    'to the nanosecond',
  );
  const sequences = units.map(({ sequence }) => sequence);
  t.same(
    sequences,
    [...sequences].sort((a, b) => a - b),
    'in order',
  );
  const { framesIn, unitsOut, latenessMs, restarts } = running.encoder.load();
  t.ok(framesIn >= unitsOut && unitsOut >= 45, `${framesIn} in, ${unitsOut} out`);
  t.ok(latenessMs > 0, `${latenessMs} ms`);
  t.equal(restarts, 0);
});

for (const latency of latencyModes) {
  t.test(
    `latency ${latency}: no picture is kept back for longer than is said, none changes places`,
    async (t) => {
      const rig = await H264Rig.open(t);
      const { framesKeptBack, x264Preset } = latencySettings[latency];
      const running = rig.encoder({ settings: { latency, preset: x264Preset } });
      running.encoder.setActive(true);
      const units = (await running.made(40)).slice(0, 40);
      const painted = decode(units).map(
        (data) =>
          rig.rig.addon.readBlockCode(data, { format: 'i420', width: 320, height: 240 })?.capturedAtNs,
      );
      t.same(
        painted,
        units.map(({ capturedAtNs }) => capturedAtNs),
      );
      t.equal(parseSps(units[0]?.parameters.sps ?? Buffer.alloc(0)).reorderedPictures, 0);
      const { latenessMs } = running.encoder.load();
      t.comment(`capture to unit, ms: ${latenessMs.toFixed(1)}`);
      t.ok(latenessMs < 10 * (framesKeptBack + 1) * (1000 / 30), `${latenessMs} ms`);
    },
  );
}

t.test('a key frame says all that a decoder has to know', async (t) => {
  const rig = await H264Rig.open(t);
  const running = rig.encoder();
  running.encoder.setActive(true);
  const [unit] = await running.made(1);
  t.ok(unit?.keyFrame);
  t.same(unit?.nals.slice(0, 2).map(nalType), [nalTypes.sps, nalTypes.pps], 'parameter sets in front');
  t.match(parseSps(unit?.parameters.sps ?? Buffer.alloc(0)), {
    ...{ width: 320, height: 240 },
    // The test camera's colour: BT.601, limited range.
    colour: { primaries: 6, transfer: 6, matrix: 6, fullRange: false },
    reorderedPictures: 0,
    // Constrained baseline: what every browser decodes.
    profile: 66,
  });
});

t.test("the ring's colour goes into the SPS, and the levels stay as they are", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'camstream-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'full-709.mp4');
  const grey = 'color=c=gray:s=320x240:r=30,format=yuv420p,geq=lum=250:cb=90:cr=160';
  const tags = [
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'pc',
  ];
  const args = [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    grey,
    '-t',
    '1',
    '-c:v',
    'libx264',
    '-qp',
    '0',
    ...tags,
    path,
  ];
  const made = spawnSync('ffmpeg', args);
  t.equal(made.status, 0, made.stderr.toString());
  const rig = await H264Rig.open(t, { source: { kind: 'file', path, width: 0, height: 0, rate: 0 } });
  const running = rig.encoder();
  running.encoder.setActive(true);
  const [unit] = await running.made(1);
  if (unit === undefined) throw new Error('a unit was made');
  t.same(parseSps(unit.parameters.sps).colour, { primaries: 1, transfer: 1, matrix: 1, fullRange: true });
  const [picture] = decode([unit]);
  const levels = [0, 320 * 240, 320 * 240 * 1.25].map((at) => picture?.[at + 40 * 4] ?? 0);
  for (const [n, wanted] of [250, 90, 160].entries()) {
    t.ok(Math.abs((levels[n] ?? 0) - wanted) <= 4, `${levels[n]} for ${wanted}`);
  }
});
