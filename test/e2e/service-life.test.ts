import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from '@camstream/consumer';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { allChildrenOf, childOf } from '../support/child-processes.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { Service, testConfig } from '../support/service.js';
import { until } from '../support/until.js';

// Starting, stopping and dying of the whole service.

t.test(
  'SIGTERM ends streams properly, closes the rings and leaves nothing but folders and locks',
  async (t) => {
    const service = await Service.start(t);
    const viewer = await MjpegViewer.open(service.urls('low')[0]);
    const pictures = viewer.pictures();
    await pictures.next();
    const ending = service.stop();
    for await (const _ of pictures);
    t.equal(viewer.closed, true, 'the closing boundary came');
    t.match(await ending, { code: 0, signal: null });
    for (const ring of ['camera', 'analysis', 'medium', 'low']) {
      t.same(readdirSync(join(service.ringRoot, ring)), ['lock'], ring);
    }
  },
);

t.test('SIGINT does the same, also while nobody watches', async (t) => {
  const service = await Service.start(t);
  service.kill('SIGINT');
  t.match(await service.ending(), { code: 0, signal: null });
});

t.test('a second signal ends it at once, by the signal itself', { timeout: 120_000 }, async (t) => {
  // A request that is not complete is waited for when the service is told to stop, for half a second. Where
  // the second signal was too slow for that, the end was a clean one and says nothing: once more.
  for (let attempt = 1; ; ++attempt) {
    const service = await Service.start(t);
    const { hostname, port } = new URL(service.urls('low')[0]);
    const request = createConnection({ host: hostname, port: Number(port) }).on('error', () => {});
    await once(request, 'connect');
    request.write('GET / HTTP/1.1\r\n');
    const begin = performance.now();
    service.kill('SIGTERM');
    await service.line('stopping; once more stops at once');
    service.kill('SIGTERM');
    const { code, signal } = await service.ending();
    request.destroy();
    t.comment(
      `ended by ${signal ?? code} ${Math.round(performance.now() - begin)} ms after the first signal`,
    );
    if (signal === 'SIGTERM') return t.pass('by the second signal');
    if (attempt === 5) return t.fail('five clean ends: the second signal does nothing');
  }
});

t.test('a second service on the same rings says who has them', async (t) => {
  const service = await Service.start(t);
  const second = await Service.fail(t, { ringRoot: service.ringRoot });
  t.equal(second.code, 1);
  t.match(second.stderr, /RING_BUSY: /);
  t.match(second.stderr, String(service.child.pid), 'by its process id');
  t.equal((await fetch(service.url('/health'))).status, 200, 'the first is undisturbed');
});

t.test('a port in use is named, and what was open already is closed again', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const ringRoot = emptyRoot(t);
  const config = testConfig.replace('httpPort: 0', `httpPort: ${port}`);
  const ending = await Service.fail(t, { config, ringRoot });
  t.equal(ending.code, 1);
  t.match(ending.stderr, `PORT_IN_USE: port ${port} is in use by another program (127.0.0.1:${port})`);
  t.same(leftIn(ringRoot), { analysis: ['lock'], camera: ['lock'], low: ['lock'], medium: ['lock'] });
});

t.test('sources that cannot be opened end it with the reason', async (t) => {
  const cases: [source: string, code: RegExp][] = [
    ['file:/nowhere/clip.mp4', /^FILE_NOT_FOUND: /m],
    ['file:/etc/passwd', /^FILE_NO_VIDEO: /m],
    ['/dev/null', /^DEVICE_NOT_CAPTURE: /m],
  ];
  for (const [source, code] of cases) {
    const config = testConfig.replace('source: test', `source: ${JSON.stringify(source)}`);
    const ringRoot = emptyRoot(t);
    const { code: exitCode, stderr } = await Service.fail(t, { config, ringRoot });
    t.equal(exitCode, 1, source);
    t.match(stderr, code);
    t.same(leftIn(ringRoot), { camera: ['lock'] });
  }
});

t.test('auto takes the test picture where there is no camera, and says why', async (t) => {
  if (readdirSync('/dev').some((name) => name.startsWith('video')))
    return t.pass('there is a camera', { skip: true });
  const service = await Service.start(t, { config: testConfig.replace('source: test', 'source: auto') });
  await service.line(
    'camera main: source auto takes the test picture until there is a camera: there is no free camera',
  );
  t.match(await service.stop(), { code: 0 });
});

t.test(
  'kill -9: children die, and the next start serves the same readers',
  { timeout: 60_000 },
  async (t) => {
    const config = clipConfig(t);
    const first = await Service.start(t, { config });
    process.env.CAMSTREAM_RING_ROOT = first.ringRoot;
    const reader = await connect('camera', { timeoutMs: 10_000 });
    t.teardown(() => reader.close());
    (await reader.read({ timeoutMs: 10_000 })).release();
    const children = allChildrenOf(first.child.pid ?? 0);
    t.equal(children.length, 1, 'one ffmpeg');
    first.kill('SIGKILL');
    await first.ending();
    await until('its children are gone', () => children.every((pid) => !isRunning(pid)));
    const restarted = new Promise((resolve) => reader.once('restarted', resolve));
    const second = await Service.start(t, { config, ringRoot: first.ringRoot });
    await restarted;
    const frame = await reader.read({ timeoutMs: 10_000 });
    t.equal(frame.width, 320);
    frame.release();
    const viewer = await MjpegViewer.open(second.urls('low')[0]);
    t.ok((await viewer.pictures().next()).value, 'viewers are served');
    viewer.close();
    t.match(await second.stop(), { code: 0 });
  },
);

t.test(
  "the rings' folder is taken away while it runs: viewers and readers go on",
  { timeout: 60_000 },
  async (t) => {
    const service = await Service.start(t);
    process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
    const reader = await connect('analysis', { timeoutMs: 10_000 });
    t.teardown(() => reader.close());
    (await reader.read({ timeoutMs: 10_000 })).release();
    const viewer = await MjpegViewer.open(service.urls('low')[0]);
    const pictures = viewer.pictures();
    await pictures.next();
    const begin = performance.now();
    rmSync(service.ringRoot, { recursive: true });
    await new Promise((resolve) => reader.once('restarted', resolve));
    (await reader.read({ timeoutMs: 10_000 })).release();
    t.comment(`a reader has frames again after ${Math.round(performance.now() - begin)} ms`);
    const restartedAtNs = process.hrtime.bigint();
    for await (const { capturedAtNs } of pictures) if (capturedAtNs > restartedAtNs) break;
    t.comment(`a viewer has pictures again after ${Math.round(performance.now() - begin)} ms`);
    t.ok(existsSync(join(service.ringRoot, 'low', 'ring')));
    viewer.close();
    t.match(await service.stop(), { code: 0 });
  },
);

t.test('a camera that fails: viewers stay, and pictures come again', async (t) => {
  const service = await Service.start(t, { config: clipConfig(t) });
  const viewer = await MjpegViewer.open(service.urls('low')[0]);
  const pictures = viewer.pictures();
  await pictures.next();
  const ffmpeg = childOf(service.child.pid, 'ffmpeg');
  // A hanging one is given ten seconds, a dead one none.
  process.kill(ffmpeg, process.env.CAMSTREAM_LONG ? 'SIGSTOP' : 'SIGKILL');
  await service.until((lines) => lines.some(({ code }) => String(code).startsWith('FILE_')));
  await service.line('camera main: frames again');
  const againAtNs = process.hrtime.bigint();
  for await (const { capturedAtNs } of pictures) if (capturedAtNs > againAtNs) break;
  t.equal(isRunning(ffmpeg), false, 'ffmpeg was replaced');
  await until('it is healthy again', async () =>
    (await (await fetch(service.url('/health'))).text()).includes('"ok"'),
  );
  viewer.close();
  t.match(await service.stop(), { code: 0 });
});

t.test('several cameras have a set of rings and streams each, on one set of ports', async (t) => {
  const port = await freePort();
  const camera = '{ source: test, mode: { width: 320, height: 240, rate: 30 } }';
  const config = `
cameras: { left: ${camera}, right: ${camera} }
rings: {}
streams:
  left-low: { port: ${port} }
  right-low: { port: ${port}, rotate: 90, width: 240, height: 320 }
server: { httpPort: 0 }
`;
  const service = await Service.start(t, { config });
  t.same(readdirSync(service.ringRoot).sort(), ['left-camera', 'left-low', 'right-camera', 'right-low']);
  const widthAt = async (url: string) => {
    const viewer = await MjpegViewer.open(url);
    const picture = await viewer.pictures().next();
    viewer.close();
    return (await sharp(picture.value?.data).metadata()).width;
  };
  t.equal(await widthAt(`http://127.0.0.1:${port}/`), 640, 'the port itself is its first stream');
  t.equal(await widthAt(`http://127.0.0.1:${port}/right-low`), 240);
  t.same(service.urls('right-low')[0], `http://127.0.0.1:${port}/right-low`);
  t.match(await service.stop(), { code: 0 });
});

t.test('the start tells people what runs where, in one block', async (t) => {
  const folder = t.testdir({ 'camstream.yaml': `${testConfig}rings: {}\n` });
  const root = join('/dev/shm', `camstream-test-${process.pid}-block`);
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const program = join(import.meta.dirname, '../../../packages/producer/bin/camstream-producer.mjs');
  const args = [program, '--config', join(folder, 'camstream.yaml'), '--ring-root', root, '--host', '::1'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  t.teardown(() => child.kill('SIGKILL'));
  let block = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    block += text;
    if (block.includes('snapshot/low.jpg')) child.kill('SIGTERM');
  }
  t.match(
    block,
    /^camstream \d+\.\d+\.\d+ is running\n {2}camera {2}main: test picture, 1920x1080 yuyv 60\/s\n/,
  );
  t.match(block, /ring {4}camera: 1920x1080 yuyv 60\/s, \d+ slots/);
  t.match(block, new RegExp(`in ${root}, [\\d.]+ MB of shared memory`));
  const urls = / +http:\/\/\[::1\]:\d+\/\n +http:\/\/\[::1\]:\d+\/mjpeg\/low\n/;
  t.match(block, new RegExp(`stream {2}low: MJPEG quality 80 by sharp\\n${urls.source}`));
  t.notMatch(block, 'without a password', 'it listens on this machine only');
});

t.test('too small a /dev/shm is an error at the start that says how much is missing', async (t) => {
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) return t.pass('needs root', { skip: true });
  const script = 'mount -t tmpfs -o size=20m tmpfs /dev/shm && exec "$@"';
  const ending = await Service.fail(t, { wrapper: ['unshare', '-m', 'sh', '-c', script, 'sh'] });
  t.equal(ending.code, 1);
  t.match(ending.stderr, /RING_NO_SPACE: .* needs \d+ MiB.* There are 20 MiB in/);
});

/** A folder for the rings of a service that does not come up. */
function emptyRoot(t: Test): string {
  const root = mkdtempSync(`/dev/shm/camstream-test-${process.pid}-`);
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** What there is in each ring's folder. */
function leftIn(ringRoot: string): Record<string, string[]> {
  return Object.fromEntries(readdirSync(ringRoot).map((ring) => [ring, readdirSync(join(ringRoot, ring))]));
}

/** testConfig with a file as its source. */
function clipConfig(t: Test): string {
  const clip = join(t.testdir(), 'clip.mp4');
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30:duration=2'];
  execFileSync('ffmpeg', ['-loglevel', 'error', ...picture, '-pix_fmt', 'yuv420p', clip]);
  return testConfig.replace('source: test', `source: ${JSON.stringify(`file:${clip}`)}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
