import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '@camstream/consumer';
import t from 'tap';
import { CaptureRig, type RunningCapture } from '../support/capture-rig.js';
import { checkPicture } from '../support/picture-check.js';
import { PictureChecker } from '../support/picture-checker.js';

// 1080p at 60/s from the test camera, read and checked frame by frame by ten processes.

const long = process.env.CAMSTREAM_LONG !== undefined;
const readers = 10;
const rate = 60;
const seconds = long ? 60 : 3;
// Of every hundred frames a reader may miss one, and a test fails at ten times that.
const aim = 0.99;
const limit = 0.9;
const source = { kind: 'test', width: 1920, height: 1080, rate, format: 'yuyv' } as const;
t.setTimeout(240_000);
const rig = new CaptureRig(t);

/** What the camera did in a while. */
interface Stretch {
  readonly published: number;
  readonly lost: number;
  readonly lostShare: number;
}

async function stretch(camera: RunningCapture, during: () => Promise<unknown>): Promise<Stretch> {
  const before = camera.native.status();
  await during();
  const after = camera.native.status();
  const published = after.published - before.published;
  const lost = after.framesDropped - before.framesDropped;
  return { published, lost, lostShare: lost / (published + lost) };
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

t.test('a picture put together from two frames is found out', async (t) => {
  const camera = await rig.capture('torn', source);
  const reader = await connect('torn', { timeoutMs: 60_000 });
  const [first, second] = [await reader.read(), await reader.read()];
  const { format, width, height, capturedAtNs } = first;
  const pictures = [first.copy(), second.copy()] as const;
  const found = (data: Uint8Array) =>
    checkPicture(rig.addon, { data, format, width, height, capturedAtNs }).wrong;
  t.equal(found(pictures[0]), undefined);
  t.match(found(pictures[1]), /told/, 'the whole of another frame');
  const stride = 2 * width;
  for (const row of [height / 2, height - 1]) {
    const torn = Buffer.concat([pictures[0].subarray(0, row * stride), pictures[1].subarray(row * stride)]);
    t.match(found(torn), new RegExp(`row ${row} is of another picture`));
  }
  reader.close();
  await camera.native.close();
});

t.test('ten processes see every frame whole, and the camera loses none for them', async (t) => {
  const camera = await rig.capture('camera', source, { readers: 12 });
  await camera.published(rate); // the first picture in each slot is painted whole
  const alone = await stretch(camera, () => sleep(1000 * seconds));
  const checkers = await Promise.all(
    Array.from({ length: readers }, () => PictureChecker.start(t, 'camera')),
  );

  // The range begins when everybody has been told of it.
  const first = camera.native.status().published + rate;
  const range = { first, last: first + rate * seconds - 1 };
  const answers = Promise.all(checkers.map((checker) => checker.check(range)));
  await camera.published(first);
  const begin = performance.now();
  const read = await stretch(camera, () => camera.published(range.last));
  const took = (performance.now() - begin) / 1000;
  const results = await answers;

  const wanted = range.last - range.first + 1;
  const shares = results.map(({ seen }) => seen / wanted).sort((a, b) => a - b);
  const worst = shares[0] ?? 0;
  const sum = (of: (result: (typeof results)[number]) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const torn = results.flatMap(({ wrong }) => wrong);
  const keptRate = read.lostShare < 1 - aim;
  t.comment(`camera alone: ${alone.published} frames, lost ${alone.lost}`);
  t.comment(`with ${readers} readers: ${read.published} frames in ${took.toFixed(2)} s, lost ${read.lost}`);
  t.comment(`seen by each, of ${wanted}: ${results.map(({ seen }) => seen).join(' ')}`);
  const leased = `${sum((result) => result.leased)} of ${sum((result) => result.seen)}`;
  t.comment(`worst share ${percent(worst)}; ${leased} under a lease`);

  t.same(torn, [], 'none torn, and what was lost is told');
  t.ok(worst >= limit, `each sees at least ${percent(limit)}: the worst ${percent(worst)}`);
  t.ok(
    worst >= aim,
    `each sees at least ${percent(aim)}`,
    long && keptRate
      ? {}
      : { skip: `asked in the long run of a camera that keeps its rate; now ${percent(worst)}` },
  );
  t.ok(
    read.lostShare <= alone.lostShare + (long ? 1 - aim : 1 - limit),
    `lost by the camera: ${percent(read.lostShare)} with readers, ${percent(alone.lostShare)} without`,
  );
  if (long) {
    const load = loadavg()[0]?.toFixed(1);
    const cores = availableParallelism();
    writeTable([
      `| ${readers} | ${seconds} s | ${wanted} | ${percent(worst)} | ${percent(shares[readers / 2] ?? 0)} ` +
        `| ${sum(({ checked }) => checked)} | ${torn.length} | ${leased} | ${read.lost} | ${alone.lost} ` +
        `| ${cores}, load ${load} |`,
    ]);
  }
});

function writeTable(rows: readonly string[]): void {
  const folder = fileURLToPath(new URL('../../../docs/results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const head = [
    '# Ten reader processes of a 1080p camera at 60/s',
    '',
    `Made on ${new Date().toISOString().slice(0, 10)} by \`npm run test:long\`, Node ${process.version}.`,
    "The test camera, 1920x1080 yuyv, readers in JavaScript under `every`, each frame's block code and every",
    'row checked by every reader. Lost by the camera: periods for which its thread came too late, in as many',
    'seconds with the readers and, just before, without.',
    '',
    '| readers | for | frames | seen: worst reader | median | pictures checked | torn | under a lease ' +
      '| lost with readers | without | cores |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  writeFileSync(`${folder}/ten-readers.md`, `${[...head, ...rows].join('\n')}\n`);
}
