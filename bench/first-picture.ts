/**
 * Question 11: how long a viewer waits for its first picture, with nothing encoded yet (cold) and while
 * somebody else watches (warm); and whether the key frame cache that makes the warm start short makes
 * viewers late: the delay 5 s after joining, with it and without.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { ParticipantProcess } from './harness/participant-process.js';
import { compiled } from './harness/paths.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { median, percentile, sorted } from './harness/statistics.js';
import { numeric, table } from './harness/table.js';
import type { Address } from './harness/video-service.js';
import { defaultStreams, type RunningService, startService } from './ours/video-service.js';
import { MultipartReader } from './viewers/multipart.js';
import { RtpPictures } from './viewers/rtp-pictures.js';
import { RtspClient } from './viewers/rtsp-client.js';
import type { WatchPlan } from './viewers/watch.js';

interface Way {
  readonly title: string;
  readonly stream: string;
  /** Resolves with the first whole picture. */
  open(running: RunningService): Promise<void>;
}

const WAYS: readonly Way[] = [
  { title: 'MJPEG over HTTP (720p)', stream: 'medium', open: (of) => firstPart(urlOf(of, 'medium')) },
  { title: 'snapshot (720p)', stream: 'medium', open: (of) => snapshot(of) },
  {
    title: 'RTSP H.264 by TCP (1080p)',
    stream: 'high',
    open: (of) => firstAccessUnit(urlOf(of, 'high'), 'tcp'),
  },
  {
    title: 'RTSP H.264 by UDP (1080p)',
    stream: 'high',
    open: (of) => firstAccessUnit(urlOf(of, 'high'), 'udp'),
  },
];

/** After the last viewer has left, conversion and encoder go on for two seconds. */
const UNTIL_COLD_MS = 4000;

/** The question. */
export const firstPicture: Question = {
  name: 'first-picture',
  title: 'Time to the first picture, and the delay 5 s after joining',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const folder = mkdtempSync('/dev/shm/cs-bench-');
  const running = await startService(folder, { streams: defaultStreams('turbo') });
  const ways = settings.small ? WAYS.filter((_, index) => index % 2 === 0) : WAYS;
  const rows = ways.map((way) => ({ way, coldMs: [] as number[], warmMs: [] as number[] }));
  const late = [
    { title: 'with the key frames kept', skip: false, arrivedMs: [] as number[], pacedMs: [] as number[] },
    { title: 'from the next key frame on', skip: true, arrivedMs: [] as number[], pacedMs: [] as number[] },
  ];
  try {
    for (let round = 0; round < settings.rounds; round++) {
      settings.log(`first-picture: round ${round + 1} of ${settings.rounds}`);
      for (const { way, coldMs, warmMs } of rows) {
        await sleep(UNTIL_COLD_MS);
        coldMs.push(await timed(() => way.open(running)));
        await whileWatched(running, way.stream, async () => {
          for (let join = 0; join < (settings.small ? 1 : JOINS); join++) {
            await sleep(150 + 230 * join); // anywhere in a key frame group
            warmMs.push(await timed(() => way.open(running)));
          }
        });
      }
      await whileWatched(running, 'high', async () => {
        for (const row of late) await measureDelay(running, row, settings.small ? 1000 : 5000);
      });
    }
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    report: [reportFirst(rows), reportDelay(late), NOTE].join('\n\n'),
    charts: {},
    data: { first: rows.map(({ way, ...times }) => ({ way: way.title, ...times })), delay: late },
    skipped: {},
  };
}

const JOINS = 5;

async function timed(open: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await open();
  return performance.now() - began;
}

function addressOf(running: RunningService, stream: string): Address {
  const address = running.addresses[stream];
  if (!address) throw new Error(`no stream ${stream}`);
  return address;
}

function urlOf(running: RunningService, stream: string): string {
  const address = addressOf(running, stream);
  if (address.kind === 'http' || address.kind === 'rtsp') return address.url;
  throw new Error(`${stream} has no URL`);
}

function firstPart(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      const reader = new MultipartReader(false, () => {
        resolve();
        request.destroy();
      });
      response.on('data', (chunk: Buffer) => reader.push(chunk)).on('error', () => {});
    }).on('error', reject);
  });
}

function snapshot(running: RunningService): Promise<void> {
  const url = running.snapshots.medium;
  if (url === undefined) throw new Error('no snapshot of medium');
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

async function firstAccessUnit(url: string, transport: 'tcp' | 'udp'): Promise<void> {
  let seen: () => void = () => {};
  const came = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const pictures = new RtpPictures(() => seen());
  const client = await RtspClient.play(url, transport, { rtp: (packet) => pictures.packet(packet) });
  await came;
  client.close();
}

async function whileWatched(
  running: RunningService,
  stream: string,
  work: () => Promise<void>,
): Promise<void> {
  const plan: WatchPlan[] = [{ stream, address: addressOf(running, stream), count: 1 }];
  const command = { file: process.execPath, args: [compiled('viewers/watch')] };
  const watcher = new ParticipantProcess(`viewer of ${stream}`, command, ['0', JSON.stringify(plan)]);
  try {
    await watcher.ready();
    await work();
  } finally {
    watcher.go();
    await watcher.stop();
  }
}

interface Delay {
  readonly skip: boolean;
  readonly arrivedMs: number[];
  readonly pacedMs: number[];
}

/** Joins, and looks at the pictures that come `afterMs` later, half a second more or less. */
async function measureDelay(
  running: RunningService,
  { skip, arrivedMs, pacedMs }: Delay,
  afterMs: number,
): Promise<void> {
  const command = { file: process.execPath, args: [compiled('viewers/arrivals')] };
  const more = [urlOf(running, 'high'), 'tcp', `${afterMs / 1000 + 2}`, ...(skip ? ['skip-first'] : [])];
  const viewer = new ParticipantProcess('viewer that joins', command, more);
  try {
    await viewer.ready();
    viewer.go();
    const lines = (await viewer.output(40_000)).map((line) => line.split(' '));
    const pictures = lines.filter(([kind]) => kind === 'a').map((row) => row.slice(1, 4).map(BigInt));
    const [first] = pictures as [[bigint, bigint, bigint]];
    const joinedNs = first[1];
    for (const [timestamp = 0n, atNs = 0n, capturedNs = 0n] of pictures) {
      const sinceMs = Number(atNs - joinedNs) / 1e6;
      if (Math.abs(sinceMs - afterMs) > 500) continue;
      arrivedMs.push(Number(atNs - capturedNs) / 1e6);
      // A player that paces by time stamps shows a picture as long after the first one as they say.
      const shownNs = joinedNs + (BigInt.asIntN(32, timestamp - first[0]) * 1_000_000_000n) / 90_000n;
      pacedMs.push(Number((shownNs > atNs ? shownNs : atNs) - capturedNs) / 1e6);
    }
  } finally {
    await viewer.stop();
  }
}

interface FirstRow {
  readonly way: Way;
  readonly coldMs: readonly number[];
  readonly warmMs: readonly number[];
}

function reportFirst(rows: readonly FirstRow[]): string {
  const columns = [
    { title: 'how' },
    ...['cold, p50 ms', 'cold, worst', 'warm, p50 ms', 'warm, worst', 'n'].map(numeric),
  ];
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  return table(
    columns,
    rows.map(({ way, coldMs, warmMs }) => [
      way.title,
      ...[coldMs, warmMs].flatMap((values) => [ms(median(values)), ms(Math.max(...values))]),
      `${coldMs.length}, ${warmMs.length}`,
    ]),
  );
}

function reportDelay(rows: readonly (Delay & { readonly title: string })[]): string {
  const columns = [
    { title: '`high` by TCP, 5 s after joining' },
    ...['arrival, p50 ms', 'p95', 'paced player, p50 ms', 'p95', 'n'].map(numeric),
  ];
  return table(
    columns,
    rows.map(({ title, arrivedMs, pacedMs }) => [
      title,
      ...[arrivedMs, pacedMs].flatMap((values) => {
        const ascending = sorted(values);
        return [percentile(ascending, 0.5).toFixed(1), percentile(ascending, 0.95).toFixed(1)];
      }),
      String(arrivedMs.length),
    ]),
  );
}

const NOTE =
  'First picture: from before the connection until all bytes of a picture that can be decoded are ' +
  'there. Cold: nothing was converted or encoded; warm: somebody else watches, and the viewer joins ' +
  'anywhere in a key frame group. Delay: from capture (by sender reports) until the picture is there, ' +
  'and until a player shows it that began with the first picture it got and follows the time stamps ' +
  'from there. "From the next key frame on": the viewer ignores what the server had kept for it.';

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
