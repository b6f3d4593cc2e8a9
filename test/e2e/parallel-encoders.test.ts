import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { childrenOf } from '../support/child-processes.js';
import { distribution } from '../support/distribution.js';
import { writeLongTable } from '../support/long-table.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { Service } from '../support/service.js';
import { SteadyViewer } from '../support/steady-viewer.js';
import { until } from '../support/until.js';

// FR-STR-017: two renditions that need 0.7 of a core each hold their rate on two cores, and JPEG waits for
// neither. What they need is set by size and rate, at rates that come evenly from the camera's. The short
// run, which has the machine not for itself, takes less.

const isLong = process.env.CAMSTREAM_LONG !== undefined;
const wanted = isLong ? 0.7 : 0.2;
const seconds = isLong ? 30 : 5;
const size = isLong ? { width: 1360, height: 768 } : { width: 1280, height: 720 };
const cameraRate = 60;
const evenRates = [60, 30, 20, 15, 12, 10, 6, 5, 4, 3, 2];
const jpegRate = 30;
const ticksPerSecond = 100; // USER_HZ, proc(5)
t.setTimeout(180_000);

t.test(`two encoders of ${wanted} of a core each, and JPEG beside them`, async (t) => {
  const trial = 5;
  const alone = await costAlone(t, trial);
  const costAt = (rate: number) => (alone * rate) / trial;
  // The lowest that needs as much as is wanted.
  const rate = evenRates.findLast((each) => costAt(each) >= wanted) ?? cameraRate;
  t.comment(`one takes ${alone.toFixed(2)} of a core at ${trial}/s; both run at ${rate}/s`);
  if (isLong) t.ok(costAt(rate) >= wanted, `${costAt(rate).toFixed(2)} of a core each`);

  const service = await Service.start(t, { config: config(rate) });
  const jpegs = await watchJpegs(t, service);
  const idleMs = await jpegs.during(seconds);
  const [one, two] = [await watch(t, service, 'one'), await watch(t, service, 'two')];
  await until('two encoders', () => encodersOf(service).length === 2);
  await sleep(2000);
  const before = [one.pictures, two.pictures];
  const cpu = measureCpu(encodersOf(service));
  const busyMs = await jpegs.during(seconds);
  const shares = cpu();
  const rates = [one, two].map(({ pictures }, index) => (pictures - (before[index] ?? 0)) / seconds);

  t.comment(`cores: ${shares.map((share) => share.toFixed(2)).join(' and ')}`);
  t.comment(`pictures a second: ${rates.map((each) => each.toFixed(2)).join(' and ')} of ${rate}`);
  t.comment(`JPEG, capture to viewer, ms, encoders idle: ${distribution(idleMs)}`);
  t.comment(`JPEG, capture to viewer, ms, encoders at work: ${distribution(busyMs)}`);
  for (const each of rates) t.ok(each > rate * (isLong ? 0.9 : 0.5), 'the rate is held');
  t.ok((shares[0] ?? 0) + (shares[1] ?? 0) > wanted, 'each has its own time, not half of the other');
  t.ok(busyMs.length > jpegRate * seconds * (isLong ? 0.9 : 0.5), 'JPEG holds its rate');
  t.ok(percentile(busyMs, 0.95) < 500, 'and comes in time');
  if (isLong) writeTable(rate, rates, shares, { idleMs, busyMs });
  t.match(await service.stop(), { code: 0 });
});

function config(rate: number): string {
  const { width, height } = size;
  const mode = `width: ${width}, height: ${height}, rate: ${rate}`;
  const h264 = `${mode}, codec: h264, encoder: libx264, preset: medium`;
  return `
cameras: { main: { source: test, mode: { width: ${width}, height: ${height}, rate: ${cameraRate} } } }
rings: {}
streams:
  one: { ${h264}, adapt: off, bitrateKbps: 4000 }
  two: { ${h264}, adapt: off, bitrateKbps: 3000 }
  low: { width: 640, height: 360, rate: ${jpegRate}, codec: mjpeg, adapt: off, port: 0 }
server: { httpPort: 0, rtspPort: 0 }
`;
}

/** What one encoder takes with nobody beside it, in cores. */
async function costAlone(t: Test, rate: number): Promise<number> {
  const service = await Service.start(t, { config: config(rate) });
  await watch(t, service, 'one');
  await sleep(1000);
  const cpu = measureCpu(encodersOf(service));
  await sleep(3000);
  const [share = 0] = cpu();
  await service.stop();
  return share;
}

async function watch(t: Test, service: Service, stream: string): Promise<SteadyViewer> {
  const viewer = await SteadyViewer.rtsp(t, service.rtspUrl(stream), 'tcp');
  await until(`pictures of ${stream}`, () => viewer.pictures > 0);
  return viewer;
}

/** How late JPEGs come while somebody asks. */
async function watchJpegs(t: Test, service: Service) {
  let latenciesMs: number[] = [];
  const viewer = await MjpegViewer.open(service.urls('low')[0]);
  t.teardown(() => viewer.close());
  const read = async (): Promise<void> => {
    for await (const { latencyMs } of viewer.pictures()) latenciesMs.push(latencyMs);
  };
  // Its end shows in the count.
  read().catch(() => undefined);
  await until('JPEGs', () => latenciesMs.length > 0);
  return {
    async during(seconds: number): Promise<number[]> {
      latenciesMs = [];
      await sleep(seconds * 1000);
      return [...latenciesMs];
    },
  };
}

function encodersOf(service: Service): number[] {
  return childrenOf(service.child.pid as number, 'ffmpeg');
}

/** Call what it returns for the cores that each process has used since. */
function measureCpu(pids: readonly number[]): () => number[] {
  const before = pids.map(cpuSeconds);
  const began = performance.now();
  return () => {
    const took = (performance.now() - began) / 1000;
    return pids.map((pid, index) => (cpuSeconds(pid) - (before[index] ?? 0)) / took);
  };
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function writeTable(
  rate: number,
  rates: readonly number[],
  shares: readonly number[],
  { idleMs, busyMs }: { readonly idleMs: readonly number[]; readonly busyMs: readonly number[] },
): void {
  const ms = (values: readonly number[]) => [0.5, 0.95].map((at) => percentile(values, at).toFixed(1));
  writeLongTable({
    name: 'parallel-encoders',
    title: 'Two encoders at once, and JPEG beside them',
    about: [
      '',
      `Two H.264 streams of ${size.width}x${size.height} (x264) at ${rate}/s, needing ${wanted} of a core`,
      `or more, and an MJPEG stream of 640x360 at ${jpegRate}/s, on two cores, for ${seconds} s.`,
    ],
    columns: [
      'stream',
      'pictures a second',
      'of what is wanted',
      'cores of its encoder',
      'ms late: p50, p95',
    ],
    rows: [
      ...rates.map((each, index) => [
        `H.264 ${index + 1}`,
        each.toFixed(2),
        `${((each / rate) * 100).toFixed(1)} %`,
        (shares[index] ?? 0).toFixed(2),
        '',
      ]),
      ...[idleMs, busyMs].map((values, index) => [
        `MJPEG, ${index === 0 ? 'alone' : 'beside both'}`,
        (values.length / seconds).toFixed(2),
        `${((values.length / seconds / jpegRate) * 100).toFixed(1)} %`,
        '',
        ms(values).join(', '),
      ]),
    ],
  });
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
