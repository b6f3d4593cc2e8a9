import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { AskedProcess } from '../support/asked-process.js';
import { writeLongTable } from '../support/long-table.js';
import { type Holding, holdingOf } from '../support/process-memory.js';
import type { RestlessSum } from '../support/restless-viewers-process.js';
import { Service } from '../support/service.js';
import { SteadyViewer } from '../support/steady-viewer.js';

// Fifty viewers join and leave at random, every eighth of them without reading: whoever stays gets every
// picture, and the service does not grow.

const long = process.env.CAMSTREAM_LONG !== undefined;
const seconds = long ? 300 : 20;
const restlessCount = 50;
const sampleMs = long ? 2000 : 500;
const allowedGrowth = 10e6;
const config = `
cameras: { main: { source: test, mode: { width: 640, height: 360, rate: 60 } } }
rings:
  camera: {}
streams:
  high: { codec: h264, width: 640, height: 360, rate: 30 }
  medium: { codec: mjpeg, width: 640, height: 360, rate: 30, port: 0 }
  low: { codec: mjpeg, width: 320, height: 180, rate: 15, port: 0 }
server: { httpPort: 0, rtspPort: 0 }
`;
t.setTimeout(seconds * 1000 + 120_000);

t.test(`${restlessCount} viewers come and go for ${seconds} s`, async (t) => {
  const service = await Service.start(t, { config });
  const [[medium], [low], high] = [service.urls('medium'), service.urls('low'), service.rtspUrl('high')];
  const steady = {
    'high, RTSP by TCP': { rate: 30, viewer: await SteadyViewer.rtsp(t, high, 'tcp') },
    'high, RTSP by UDP': { rate: 30, viewer: await SteadyViewer.rtsp(t, high, 'udp') },
    'medium, HTTP': { rate: 30, viewer: await SteadyViewer.http(t, medium) },
    'low, HTTP': { rate: 15, viewer: await SteadyViewer.http(t, low) },
  };
  for (const { viewer } of Object.values(steady)) while (viewer.pictures < 10) await sleep(20);
  const quiet = holdingOf(service.child.pid as number);

  const program = new URL('../support/restless-viewers-process.js', import.meta.url);
  const restless = new AskedProcess(t, program, [String(restlessCount), medium, low, high]);
  const samples: Holding[] = [];
  await sleep(2000);
  const began = performance.now();
  const before = Object.values(steady).map(({ viewer }) => viewer.pictures);
  while (performance.now() - began < seconds * 1000) {
    await sleep(sampleMs);
    samples.push(holdingOf(service.child.pid as number));
  }
  const took = (performance.now() - began) / 1000;
  const shares = Object.entries(steady).map(([name, { rate, viewer }], index) => ({
    name,
    rate: (viewer.pictures - (before[index] as number)) / took,
    share: (viewer.pictures - (before[index] as number)) / took / rate,
    longestGapMs: viewer.longestGapMs,
  }));
  restless.child.send('leave');
  const sum = (await restless.answer()) as RestlessSum;

  t.comment(`${sum.joined} joined, ${sum.stoppedReading} of them stopped reading`);
  t.ok(sum.joined > seconds * 5, 'they came and went');
  t.strictSame(sum.failures.slice(0, 3), [], 'each could join');
  t.equal(sum.nothingSeen, 0, 'and saw something');
  for (const { name, share, longestGapMs } of shares) {
    t.ok(share > 0.9, `${name}: ${percent(share)}, longest gap ${longestGapMs.toFixed(0)} ms`);
  }
  // The first quarter is left out: the largest queues and heaps are reached in it.
  const quarter = (index: number) =>
    median(
      samples
        .slice((samples.length * index) / 4, (samples.length * (index + 1)) / 4)
        .map((each) => each.anonymous),
    );
  const growth = quarter(3) - quarter(1);
  const quarters = [0, 1, 2, 3].map((index) => megabytes(quarter(index)));
  t.comment(`memory by quarters: ${quarters.join(', ')} MB, ${megabytes(quiet.anonymous)} before`);
  if (long)
    t.ok(growth < allowedGrowth, `memory is flat: ${megabytes(growth)} MB from the second quarter on`);
  let left = holdingOf(service.child.pid as number);
  for (let waits = 0; left.descriptors > quiet.descriptors && waits < 200; waits++) {
    await sleep(50);
    left = holdingOf(service.child.pid as number);
  }
  t.ok(left.descriptors <= quiet.descriptors, `${left.descriptors} descriptors, ${quiet.descriptors} before`);
  if (long) {
    writeTable(sum, shares, [quiet, ...[0, 1, 2, 3].map((at) => samples[lastOf(at)] as Holding), left]);
  }
  t.match(await service.stop(), { code: 0 });

  function lastOf(index: number): number {
    return Math.ceil((samples.length * (index + 1)) / 4) - 1;
  }
});

interface Share {
  readonly name: string;
  readonly rate: number;
  readonly share: number;
  readonly longestGapMs: number;
}

function writeTable(sum: RestlessSum, shares: readonly Share[], moments: readonly Holding[]): void {
  const names = [
    'before',
    ...[1, 2, 3, 4].map((at) => `after ${(seconds * at) / 4} s`),
    'when all have left',
  ];
  writeLongTable({
    name: 'soak',
    title: 'Viewers that come and go',
    about: [
      '',
      `${restlessCount} viewers at a time join and leave three streams at random for ${seconds} s: H.264 of`,
      '640x360 at 30/s by RTSP (TCP, UDP), MJPEG of 640x360 and 320x180 by HTTP; every eighth does not read.',
      `${sum.joined} joined, ${sum.stoppedReading} of them without reading. Four viewers stay and get:`,
      '',
      ...shares.map(
        ({ name, rate, share, longestGapMs }) =>
          `- ${name}: ${rate.toFixed(2)}/s (${percent(share)}), longest gap ${longestGapMs.toFixed(0)} ms`,
      ),
      '',
      'What the service and its encoder hold:',
    ],
    columns: ['when', 'memory of their own, MB', 'descriptors', 'threads'],
    rows: moments.map(({ anonymous, descriptors, threads }, index) => [
      names[index] ?? '',
      megabytes(anonymous),
      descriptors,
      threads,
    ]),
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
