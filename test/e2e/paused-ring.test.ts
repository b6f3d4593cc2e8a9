import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, listRings, type RingReader } from '@camstream/consumer';
import t, { type Test } from 'tap';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

// The rings that streams are encoded from are filled while somebody wants them: a viewer, or a reader.

const run = promisify(execFile);
const inspect = fileURLToPath(
  new URL('../../../packages/consumer/bin/camstream-inspect.mjs', import.meta.url),
);
t.setTimeout(120_000);
// A ring is paused two seconds after its last reader: what was in it before is older.
const freshNs = 1_000_000_000n;
const service = await Service.start(t, {
  // `packed` is made from the ring `planar`, and both are paused together.
  config: `
cameras: { main: { source: test, mode: { width: 640, height: 480, rate: 60 } } }
streams:
  low: { port: 0, width: 320, height: 240, rate: 15 }
  planar: { codec: mjpeg, encoder: turbo, width: 160, height: 120, rate: 30 }
  packed: { codec: mjpeg, encoder: sharp, width: 160, height: 120, rate: 30 }
server: { httpPort: 0, rtspPort: 0 }
`,
});
process.env.CAMSTREAM_RING_ROOT = service.ringRoot;

const stateOf = (ring: string) => listRings().find(({ name }) => name === ring)?.state;
const isPaused = (ring: string) => until(`${ring} is paused`, () => stateOf(ring) === 'paused');

t.test('a ring that nobody reads says that it is paused', async (t) => {
  await isPaused('low');
  t.equal(stateOf('camera'), 'live', "a camera's is always filled");
  const { stdout } = await run(process.execPath, [inspect, 'low', '--json']);
  t.match(JSON.parse(stdout), { state: 'paused', error: null });
  t.equal(stateOf('low'), 'paused', 'to look at it does not wake it');
});

t.test('a reader wakes it, gets fresh frames at its rate, and leaves it paused', async (t) => {
  for (const round of ['first', 'again, with an old frame in the ring']) {
    await isPaused('low');
    const begin = process.hrtime.bigint();
    const reader = await connect('low', { timeoutMs: 10_000 });
    await freshAt(t, reader, begin, 15, round);
    t.equal(stateOf('low'), 'live');
    reader.close();
  }
  await isPaused('low');
  await service.line('ring no longer read');
});

t.test('so does read(), and the ring that it is made from wakes as well', async (t) => {
  await isPaused('packed');
  await isPaused('planar');
  const begin = process.hrtime.bigint();
  const reader = await connect('packed', { timeoutMs: 10_000 });
  const frame = await reader.read({ timeoutMs: 10_000 });
  t.ok(frame.capturedAtNs > begin - freshNs, 'not one of before the pause');
  t.equal(stateOf('planar'), 'live');
  reader.close();
  await isPaused('packed');
  await isPaused('planar');
});

t.test('a viewer and a reader each keep it awake', async (t) => {
  const reader = await connect('low', { timeoutMs: 10_000 });
  const viewer = await MjpegViewer.open(service.urls('low')[0]);
  await viewer.pictures().next();
  viewer.close();
  await service.line('stream paused: nobody watches');
  await freshAt(t, reader, process.hrtime.bigint(), 15, 'without the viewer');
  const other = await MjpegViewer.open(service.urls('low')[0]);
  const pictures = other.pictures();
  await pictures.next();
  const read = service.logged('ring no longer read').length;
  reader.close();
  await service.until(() => service.logged('ring no longer read').length > read);
  t.equal(stateOf('low'), 'live');
  const since = process.hrtime.bigint();
  for await (const { capturedAtNs } of pictures) if (capturedAtNs > since) break;
  other.close();
  await isPaused('low');
});

/** Two seconds of frames: all captured since `begin` or just before, at the ring's rate. */
async function freshAt(t: Test, reader: RingReader, begin: bigint, rate: number, what: string) {
  const times: bigint[] = [];
  for await (const frame of reader.frames('every')) {
    times.push(frame.capturedAtNs);
    if (times.length > 2 * rate) break;
  }
  const [first = 0n, last = 0n] = [times[0], times.at(-1)];
  t.ok(first > begin - freshNs, `${what}: the first frame is fresh`);
  const found = ((times.length - 1) * 1e9) / Number(last - first);
  t.ok(found > rate / 2 && found < rate * 1.2, `${what}: ${found.toFixed(1)} frames a second`);
}
