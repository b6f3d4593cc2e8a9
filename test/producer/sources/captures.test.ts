import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { connect } from '@camstream/consumer';
import t, { type Test } from 'tap';
import { CaptureRig } from '../../support/capture-rig.js';
import { childrenOf } from '../../support/child-processes.js';
import { colourAt, colourDistance } from '../../support/pixel-colour.js';
import { until } from '../../support/until.js';

const program = new URL('./capture-process.js', import.meta.url);
const small = { kind: 'test', width: 320, height: 240, rate: 60 } as const;
const rig = new CaptureRig(t);

for (const format of ['yuyv', 'uyvy', 'nv12', 'nv21', 'i420', 'yv12', 'rgb24', 'bgr24', 'gray8']) {
  t.test(`the test source in ${format}: number, time and rows are right in every frame`, async (t) => {
    const camera = await rig.capture('camera', { ...small, format });
    const reader = await connect('camera', { timeoutMs: 5000 });
    let painted: number | undefined;
    let seen = 0;
    for await (const frame of reader.frames('every')) {
      const layout = { format: frame.format, width: frame.width, height: frame.height };
      const code = rig.addon.readBlockCode(frame.data, layout);
      const rows = rig.addon.checkRows(frame.data, layout);
      if (!code) throw new Error(`no code in frame ${frame.sequence}`);
      t.equal(code.capturedAtNs, frame.capturedAtNs);
      t.same(rows, { torn: false, sequence: code.sequence & 0xffff, row: 0 });
      if (painted !== undefined && frame.missed === 0) {
        t.equal(code.sequence - painted, 1 + frame.droppedBefore, 'what was lost is told');
      }
      painted = code.sequence;
      if (++seen === 10) break;
    }
    reader.close();
    await camera.native.close();
  });
}

t.test('what a test source cannot do is refused at once', async (t) => {
  await t.rejects(rig.capture('camera', { ...small, width: 99_999 }), { code: 'SOURCE_OPTION' });
  await t.rejects(rig.capture('camera', { ...small, rate: 100_000 }), { code: 'SOURCE_OPTION' });
  await t.rejects(rig.capture('camera', { ...small, format: 'mjpeg' }), { message: /option `format`/ });
  await t.rejects(rig.capture('camera', { ...small, kind: 'tape' as 'test' }), { message: /option `kind`/ });
  await t.rejects(rig.capture('no/name', small), { code: 'RING_NAME' });
});

t.test('one ring has one producer', async (t) => {
  const camera = await rig.capture('camera', small);
  await t.rejects(rig.capture('camera', small), { code: 'RING_BUSY' });
  await camera.native.close();
});

t.test('a closed capture says so, and closing is for everybody', async (t) => {
  const camera = await rig.capture('camera', small);
  await Promise.all([camera.native.close(), camera.native.close()]);
  await camera.native.close();
  t.throws(() => camera.native.status(), { code: 'CAPTURE_CLOSED' });
  t.throws(() => camera.native.info(), { code: 'CAPTURE_CLOSED' });
});

t.test('a ring that is taken away is built anew, and the reader goes on', async (t) => {
  const camera = await rig.capture('camera', small);
  const reader = await connect('camera', { timeoutMs: 5000 });
  (await reader.read({ timeoutMs: 5000 })).release();
  const restarted = new Promise((resolve) => reader.once('restarted', resolve));
  execFileSync('rm', ['-r', `${rig.root}/camera`]);
  await camera.event('rebuilt');
  await restarted;
  const frame = await reader.read({ timeoutMs: 5000 });
  t.ok(frame.data.length > 0);
  frame.release();
  reader.close();
  await camera.native.close();
});

t.test('capture and conversion go on while the event loop is held up', async (t) => {
  const camera = await rig.capture('camera', { ...small, width: 640, height: 480 });
  const picture = { width: 320, height: 240, fit: 'contain', format: 'rgb24', rate: 30 } as const;
  const small30 = { ...picture, mirror: false, rotate: 0 } as const;
  const derived = await rig.addon.startConversion(camera.native, small30, rig.ring('small'), () => {});
  rig.adopt(derived);
  await until('both run', () => derived.status().published > 5);
  const before = [camera.native.status().published, derived.status().published] as const;
  const heldUpMs = 1000;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldUpMs);
  const captured = camera.native.status().published - before[0];
  const converted = derived.status().published - before[1];
  t.comment(`in ${heldUpMs} ms without an event loop: ${captured} captured, ${converted} converted`);
  // Of 60 and 30: what waited for the loop would have published none.
  t.ok(captured >= 6 && converted >= 3, `${captured} captured, ${converted} converted`);
  await derived.close();
  await camera.native.close();
});

t.test('a conversion gives the same pictures smaller, slower and in another format', async (t) => {
  const camera = await rig.capture('camera', { ...small, width: 640, height: 480 });
  const picture = {
    width: 320,
    height: 240,
    fit: 'contain',
    format: 'rgb24',
    rate: 30,
    mirror: false,
    rotate: 0,
  } as const;
  const derived = await rig.addon.startConversion(camera.native, picture, rig.ring('small'), () => {});
  rig.adopt(derived);
  const reader = await connect('small', { timeoutMs: 5000 });
  for (let count = 0; count < 5; count++) {
    const frame = await reader.read({ timeoutMs: 5000 });
    t.match(frame, { width: 320, height: 240, format: 'rgb24' });
    const code = rig.addon.readBlockCode(frame.data, { format: 'rgb24', width: 320, height: 240 });
    t.equal(code?.capturedAtNs, frame.capturedAtNs, 'the time of capture goes with the picture');
    frame.release();
  }
  derived.setActive(false);
  await until('the pause', () => {
    const before = camera.native.status().published;
    return before > 0 && derived.status().converted > 0;
  });
  const at = { camera: camera.native.status().published, derived: derived.status().published };
  await camera.published(at.camera + 20);
  t.ok(derived.status().published <= at.derived + 1, 'paused');
  derived.setActive(true);
  await until('it goes on', () => derived.status().published > at.derived + 1);
  reader.close();
  await derived.close();
  await camera.native.close();
});

t.test('a conversion wants a capture', async (t) => {
  const picture = {
    width: 320,
    height: 240,
    fit: 'contain',
    format: 'rgb24',
    rate: 30,
    mirror: false,
    rotate: 0,
  } as const;
  t.throws(() => rig.addon.startConversion({} as never, picture, rig.ring('small'), () => {}), TypeError);
});

t.test('a file is played at its own size and rate, round and round', async (t) => {
  const path = clip(t, 'color=red:size=160x120:rate=50', 0.2);
  const camera = await rig.capture('camera', { kind: 'file', path });
  t.match(camera.native.info(), { width: 160, height: 120, rateNumerator: 50, rateDenominator: 1 });
  const begin = performance.now();
  const reader = await connect('camera', { timeoutMs: 5000 });
  let frames = 0;
  for await (const frame of reader.frames('every')) {
    if (++frames < 30) continue; // ten in the file
    t.ok(colourDistance(colourAt(frame, 80, 60), [254, 0, 0]) <= 6, 'red');
    break;
  }
  t.ok(performance.now() - begin > 400, 'not faster than the file');
  reader.close();
  await camera.native.close();
});

t.test('a file plays at another size, rate and format when told so', async (t) => {
  const path = clip(t, 'color=blue:size=160x120:rate=50', 0.2);
  const camera = await rig.capture('camera', {
    kind: 'file',
    path,
    width: 64,
    height: 48,
    rate: 25,
    format: 'bgr24',
  });
  t.match(camera.native.info(), { width: 64, height: 48, rateNumerator: 25, matrix: 0 });
  const reader = await connect('camera', { timeoutMs: 5000 });
  const frame = await reader.read({ timeoutMs: 5000 });
  t.ok(colourDistance(colourAt(frame, 32, 24), [0, 0, 255]) <= 6, 'blue');
  frame.release();
  reader.close();
  await camera.native.close();
});

t.test('a still picture is a file source too', async (t) => {
  const path = `${t.testdir()}/still.png`;
  ffmpeg('-f', 'lavfi', '-i', 'color=lime:size=64x48', '-frames:v', '1', path);
  const camera = await rig.capture('camera', { kind: 'file', path });
  await camera.published(4);
  t.equal(camera.native.status().state, 'live');
  await camera.native.close();
});

t.test('an ffmpeg that is killed is started again', async (t) => {
  const path = clip(t, 'testsrc2=size=160x120:rate=50', 0.2);
  const camera = await rig.capture('camera', { kind: 'file', path });
  await camera.published(2);
  const [child] = childrenOf(process.pid, 'ffmpeg');
  if (!child) throw new Error('no ffmpeg');
  process.kill(child, 'SIGKILL');
  t.match(await camera.event('failed'), { code: 'FILE_ENDED', message: /exit status 137/ });
  await camera.event('recovered');
  await camera.native.close();
  t.same(childrenOf(process.pid, 'ffmpeg'), []);
});

t.test('what is wrong with a file is told at once', async (t) => {
  const folder = t.testdir({ 'text.mp4': 'no video at all' });
  ffmpeg('-f', 'lavfi', '-i', 'sine', '-t', '0.1', `${folder}/sound.wav`);
  const start = (path: string, ffmpeg = 'ffmpeg') => rig.capture('camera', { kind: 'file', path, ffmpeg });
  await t.rejects(start(`${folder}/nothing.mp4`), { code: 'FILE_NOT_FOUND', message: /nothing\.mp4/ });
  await t.rejects(start(`${folder}/text.mp4`), { code: 'FILE_NO_VIDEO' });
  await t.rejects(start(`${folder}/sound.wav`), { code: 'FILE_NO_VIDEO', message: /no video stream/ });
  await t.rejects(start(folder), { code: 'FILE_NO_VIDEO', message: /folder/ });
  await t.rejects(start(`${folder}/text.mp4`, `${folder}/ffmpeg`), {
    code: 'FFMPEG_MISSING',
    message: /apt-get install/,
  });
});

t.test('ffmpeg dies with its producer, also at kill -9', async (t) => {
  const path = clip(t, 'testsrc2=size=160x120:rate=50', 0.2);
  const producer = fork(program, [JSON.stringify({ kind: 'file', path })]);
  await once(producer, 'message');
  const [child] = childrenOf(producer.pid ?? 0, 'ffmpeg');
  if (!child) throw new Error('no ffmpeg');
  producer.kill('SIGKILL');
  await once(producer, 'exit');
  await until('the end of ffmpeg', () => !existsSync(`/proc/${child}/exe`));
  const camera = await rig.capture('camera', small);
  await camera.native.close();
});

t.test('a process with a running capture ends as it likes', async (t) => {
  for (const ending of ['exit', 'close']) {
    const child = fork(program, [JSON.stringify(small), ending]);
    t.same(await once(child, 'exit'), [0, null], ending);
    t.same(readdirSync(`${rig.root}/camera`), ['lock'], 'nothing is left but the folder with its lock');
  }
});

t.test('a worker that is terminated takes its capture with it', async (t) => {
  const worker = new Worker(program, { argv: [JSON.stringify(small)] });
  await once(worker, 'message');
  await worker.terminate();
  t.same(readdirSync(`${rig.root}/camera`), ['lock']);
});

t.test('an exception in the listener is an uncaught one', async (t) => {
  const path = `${t.testdir()}/throws.mjs`;
  const core = import.meta.resolve('@camstream/core');
  const source = JSON.stringify({ ...small, format: '' });
  writeFileSync(
    path,
    `import { loadCameraAddon } from ${JSON.stringify(core)};
    process.on('uncaughtException', (error) => { console.log(error.message); process.exit(7); });
    const ring = ${JSON.stringify(rig.ring('camera'))};
    await loadCameraAddon().startCapture(${source}, ring, () => { throw new Error('from the listener'); });`,
  );
  const child = fork(path, { stdio: 'pipe' });
  const said = child.stdout?.toArray();
  t.same(await once(child, 'exit'), [7, null]);
  t.equal(Buffer.concat((await said) ?? []).toString(), 'from the listener\n');
});

function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', ...args]);
}

/** A short video file of ffmpeg's picture `source`, gone after the test. */
function clip(t: Test, source: string, seconds: number): string {
  const path = `${t.testdir()}/clip.mp4`;
  ffmpeg('-f', 'lavfi', '-i', source, '-t', String(seconds), '-pix_fmt', 'yuv420p', path);
  return path;
}
