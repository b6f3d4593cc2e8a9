import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { loadCameraAddon } from '@camstream/core';
import type { Status } from '@camstream/producer';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { distribution } from '../support/distribution.js';
import { writeLongTable } from '../support/long-table.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { Service } from '../support/service.js';

// The service as it is started by people, watched by the players that people use. Every picture carries a
// block code with its sequence number and capture time, so that loss and latency show behind any decoder.

const addon = loadCameraAddon();
const service = await Service.start(t);
const [low] = service.urls('low');
const [medium] = service.urls('medium');
// `low` has black bars above and below: 640x360 of picture in 640x480.
const lowPicture = { format: 'rgb24', width: 640, height: 360 };
const lowBytes = 640 * 480 * 3;
const barBytes = 640 * 60 * 3;

t.test('curl receives pictures of the right size, in order, with their times', async (t) => {
  const body = await output('curl', ['--silent', '--no-buffer', '--max-time', '3', medium]);
  const parts = body.toString('latin1').split('--camstream\r\n').slice(1);
  t.ok(parts.length > 1, `${parts.length} pictures in 3 s`);
  const sequences = parts.map((part) => Number(/X-Sequence: (\d+)/.exec(part)?.[1]));
  t.same(
    sequences,
    [...new Set(sequences)].sort((a, b) => a - b),
    'in order, none twice',
  );
  const [head = '', ...picture] = parts[0]?.split('\r\n\r\n') ?? [];
  t.match(head, /X-Timestamp: \d+\.\d{6}/);
  const jpeg = Buffer.from(picture.join('\r\n\r\n'), 'latin1');
  const { width, height, format, chromaSubsampling } = await sharp(jpeg).metadata();
  t.same(
    { width, height, format, chromaSubsampling },
    {
      width: 1280,
      height: 720,
      format: 'jpeg',
      chromaSubsampling: '4:2:0',
    },
  );
});

t.test('ffmpeg decodes the stream', async (t) => {
  const { codes, bytes } = await watch('ffmpeg', [
    ...['-loglevel', 'error', '-fflags', 'nobuffer', '-f', 'mpjpeg', '-i', low, '-frames:v', '30'],
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
  ]);
  t.equal(bytes, 30 * lowBytes);
  checkCodes(t, codes, 30);
});

t.test('GStreamer decodes the stream', async (t) => {
  const { codes, bytes } = await watch('gst-launch-1.0', [
    ...['-q', 'souphttpsrc', `location=${low}`, 'is-live=true', '!', 'multipartdemux', '!'],
    ...['image/jpeg,framerate=0/1', '!', 'jpegdec', '!', 'videoconvert', '!', 'video/x-raw,format=RGB', '!'],
    ...['identity', 'eos-after=31', '!', 'fdsink', 'fd=1', 'sync=false'],
  ]);
  t.equal(bytes, 30 * lowBytes);
  checkCodes(t, codes, 30);
});

t.test(
  'twenty viewers of which one never reads: the others keep their rate',
  { timeout: 180_000 },
  async (t) => {
    // Nineteen alone before and after: what this machine has to give at the moment.
    const before = await watchTogether(t, 'nineteen viewers');
    const deaf = await MjpegViewer.open(medium);
    deaf.stopReading();
    const beside = await watchTogether(t, 'beside one that never reads');
    const hangs = await slowestViewer('medium');
    deaf.close();
    const after = await watchTogether(t, 'nineteen again');
    t.ok(beside.worstShare >= 0.95, `the worst served got ${(beside.worstShare * 100).toFixed(1)} %`);
    const alone = Math.min(before.made, after.made);
    t.ok(beside.made >= alone / 2, `${beside.made} pictures made beside it, ${alone} without it`);
    t.ok(beside.made > watchSeconds * 3, "at a tenth of the stream's rate at the very least");
    t.ok(hangs.dropped > 0, `${hangs.dropped} pictures left out for the one that never reads`);
    if (process.env.CAMSTREAM_LONG) writeTable([before, beside, after], hangs);
  },
);

t.test('latency from capture to a viewer', async (t) => {
  for (const [name, url] of [
    ['medium', medium],
    ['low', low],
  ] as const) {
    const viewer = await MjpegViewer.open(url);
    const latencies: number[] = [];
    for await (const { latencyMs } of viewer.pictures()) {
      latencies.push(latencyMs);
      if (latencies.length === 45) break;
    }
    // The first picture may have waited for the viewer, not the viewer for it.
    t.comment(`${name}: capture to viewer, ms: ${distribution(latencies.slice(1))}`);
    t.equal(latencies.length, 45);
  }
});

t.test(
  'a stream that nobody watches is not made, and its first viewer waits less than a second',
  async (t) => {
    const firsts: number[] = [];
    for (let round = 0; round < 3; ++round) {
      await paused();
      const begin = performance.now();
      const viewer = await MjpegViewer.open(low);
      for await (const { data } of viewer.pictures()) {
        firsts.push(performance.now() - begin);
        t.equal((await sharp(data).metadata()).width, 640);
        break;
      }
    }
    t.comment(`first picture after a pause, ms: ${distribution(firsts)}`);
    t.ok(Math.max(...firsts) < 10_000);
  },
);

t.test('a snapshot is one fresh picture', async (t) => {
  const begin = Number(process.hrtime.bigint() / 1_000_000n);
  const response = await fetch(service.urls('medium')[2]);
  t.equal(response.status, 200);
  const { width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
  t.same([width, height], [1280, 720]);
  const captured = Number(BigInt(response.headers.get('x-captured-monotonic-ns') ?? 0) / 1_000_000n);
  t.ok(captured > begin - 1000, 'taken around the request');
  t.equal((await fetch(service.url('/snapshot/nothing.jpg'))).status, 404);
  t.same(await (await fetch(service.url('/health'))).json(), { status: 'ok', reasons: [] });
});

const watchSeconds = process.env.CAMSTREAM_LONG ? 30 : 4;

interface Watched {
  /** Pictures a second of each, the worst served first. */
  readonly rates: readonly number[];
  /** Pictures that any of them got. */
  readonly made: number;
  /** Of what was made while it watched, the share that the worst served of them got. */
  readonly worstShare: number;
}

/** Nineteen viewers of `medium` for a while. */
async function watchTogether(t: Test, what: string): Promise<Watched> {
  const viewers = await Promise.all(Array.from({ length: 19 }, () => MjpegViewer.open(medium)));
  const begin = performance.now();
  const seen = await Promise.all(
    viewers.map(async (viewer) => {
      const sequences: number[] = [];
      let dropped = 0;
      for await (const picture of viewer.pictures()) {
        sequences.push(picture.sequence);
        dropped = picture.dropped;
        if (performance.now() - begin > watchSeconds * 1000) break;
      }
      return { sequences, dropped };
    }),
  );
  const made = new Set(seen.flatMap(({ sequences }) => sequences));
  // Viewers come and go one after the other: each is measured by what was made while it watched.
  const shares = seen.map(({ sequences }) => {
    const [first = 0, last = 0] = [sequences[0], sequences.at(-1)];
    return sequences.length / [...made].filter((sequence) => sequence >= first && sequence <= last).length;
  });
  const rates = seen.map(({ sequences }) => sequences.length / watchSeconds);
  const dropped = seen.reduce((sum, one) => sum + one.dropped, 0);
  t.comment(
    `${what}: ${made.size} made in ${watchSeconds} s, ${dropped} dropped; per s: ${distribution(rates)}`,
  );
  return { made: made.size, worstShare: Math.min(...shares), rates: rates.sort((a, b) => a - b) };
}

/** What the service knows of a stream's viewer that is given the least. */
async function slowestViewer(name: string): Promise<{ sent: number; dropped: number }> {
  const { streams } = (await (await fetch(service.url('/api/status'))).json()) as Status;
  const viewers = streams.find((stream) => stream.name === name)?.viewers ?? [];
  const [slowest] = viewers.toSorted((a, b) => b.dropped - a.dropped);
  if (slowest === undefined) throw new Error(`nobody watches ${name}`);
  return slowest;
}

const percent = (share = 0) => `${(share * 100).toFixed(1)} %`;

function writeTable([before, beside, after]: readonly Watched[], hangs: { sent: number; dropped: number }) {
  const cell = (watched: Watched | undefined, viewer: number) => watched?.rates[viewer]?.toFixed(2) ?? '-';
  writeLongTable({
    name: 'mjpeg-viewers',
    title: 'Twenty viewers of an MJPEG stream, of whom one never reads',
    about: [
      `The stream \`medium\` (1280x720, 30/s) of the test camera, ${watchSeconds} s each: 19 viewers`,
      'alone, beside one that never reads, and alone again. Pictures a second of each, worst served first.',
      `Beside the one that hangs, the worst got ${percent(beside?.worstShare)} of what was made meanwhile.`,
    ],
    columns: ['viewer', 'alone', 'beside one that never reads', 'alone again'],
    rows: [
      ...Array.from({ length: 19 }, (_, n) => [n + 1, cell(before, n), cell(beside, n), cell(after, n)]),
      ['made', ...[before, beside, after].map((one) => ((one?.made ?? 0) / watchSeconds).toFixed(2))],
      ['the one that never reads', '-', `${hangs.sent} sent in all, ${hangs.dropped} left out`, '-'],
    ],
  });
}

interface Code {
  readonly sequence: number;
  readonly latencyMs: number;
}

/** Runs a player that writes rgb24 pictures of `low` to stdout, and reads each picture's block code. */
async function watch(command: string, args: readonly string[]): Promise<{ codes: Code[]; bytes: number }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const codes: Code[] = [];
  let bytes = 0;
  let frame = Buffer.alloc(lowBytes);
  let filled = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (let offset = 0; offset < chunk.length; ) {
      const taken = chunk.copy(frame, filled, offset);
      offset += taken;
      filled += taken;
      if (filled < lowBytes) continue;
      const code = addon.readBlockCode(frame.subarray(barBytes, lowBytes - barBytes), lowPicture);
      if (code) {
        const { sequence, capturedAtNs } = code;
        codes.push({ sequence, latencyMs: Number(process.hrtime.bigint() - capturedAtNs) / 1e6 });
      }
      frame = Buffer.alloc(lowBytes);
      filled = 0;
    }
  }
  return { codes, bytes };
}

function checkCodes(t: Test, codes: readonly Code[], wanted: number): void {
  t.equal(codes.length, wanted, 'every picture has a block code that can be read');
  const sequences = codes.map(({ sequence }) => sequence);
  t.same(
    sequences,
    [...new Set(sequences)].sort((a, b) => a - b),
    'pictures in order, none twice',
  );
  t.comment(`capture to decoded picture, ms: ${distribution(codes.map(({ latencyMs }) => latencyMs))}`);
}

async function output(command: string, args: readonly string[]): Promise<Buffer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return buffer(child.stdout);
}

/** Waits until the last thing said of `low` is that it is paused. */
function paused(): Promise<unknown> {
  return service.until((lines) => {
    const said = lines.filter(
      ({ stream, msg }) => stream === 'low' && /^stream (paused|watched)/.test(String(msg)),
    );
    return String(said.at(-1)?.msg ?? 'stream paused').startsWith('stream paused');
  });
}
