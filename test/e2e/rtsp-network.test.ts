import { spawn } from 'node:child_process';
import { loadCameraAddon } from '@camstream/core';
import type { H264Unit } from '@camstream/producer';
import t, { type Test } from 'tap';
import { distribution } from '../support/distribution.js';
import { decode } from '../support/h264-rig.js';
import { writeLongTable } from '../support/long-table.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import {
  ffmpegPlayer,
  gstreamerPlayer,
  type PlayedPicture,
  type Watched,
  watchWith,
} from '../support/players.js';
import { type RecordedPicture, recordRtp, recoveries } from '../support/rtp-recording.js';
import { Service } from '../support/service.js';
import { lineAddresses, TwoNetworks } from '../support/two-networks.js';

// Streams over lines that lose packets, are too narrow or far away: viewers go on at a key frame, and are not
// later at the end than at the beginning.

const addon = loadCameraAddon();
const isLong = process.env.CAMSTREAM_LONG !== undefined;
const rate = 30;
/** The default of streams. */
const keyIntervalMs = 1000;
/** Ten frames: for what an encoder leaves out on a busy machine. */
const leftOutMs = 330;
/** What a viewer may be late by on one. */
const marginMs = 1000;
const wayMs = 150;
/** Less than half of what the stream is. */
const narrowLine = '80kbit';
const seconds = isLong ? 60 : 12;
/** At 2 % a viewer loses the picture 0.7 times a second: not once in 24 s has a chance below 1e-6. */
const lossySeconds = isLong ? 60 : 26;
const size = { width: 640, height: 360 };
const picture: PlayedPicture = { format: 'gray8', ...size };
const rows: string[][] = [];
const config = (host: string) => `
cameras: { main: { source: test, mode: { width: 640, height: 360, rate: ${rate} } } }
rings: {}
streams:
  high: { width: 640, height: 360, rate: ${rate}, codec: h264, bitrateKbps: 2000, encoder: libx264 }
  low: { width: 640, height: 360, rate: ${rate}, codec: mjpeg, port: 0 }
server: { host: ${host}, httpPort: 0, rtspPort: 0 }
`;

t.test('behind a line that loses packets a viewer is whole again at the next key frame', async (t) => {
  const networks = TwoNetworks.make(t);
  if (networks === undefined) return t.pass('needs root', { skip: true });
  const wrapper = networks.at('service');
  const service = await Service.start(t, { config: config(lineAddresses.service), wrapper });
  const url = service.rtspUrl('high');
  networks.lose(2);

  const player = [...networks.at('viewer'), ...ffmpegPlayer(url, 'udp', rate * lossySeconds)] as const;
  const [pictures, played] = await Promise.all([
    recordRtp(networks.at('viewer'), url, lossySeconds),
    watchWith(addon, player, picture),
  ]);
  const damaged = pictures.filter(({ isDamaged }) => isDamaged).length;
  const recovered = recoveries(pictures);
  t.comment(`UDP, 2 % lost: ${damaged} of ${pictures.length} pictures damaged, ${recovered.length} losses`);
  const took = recovered.filter(({ isWhole }) => isWhole).map(({ ms }) => ms);
  const unlucky = recovered.filter(({ keyFramesLost }) => keyFramesLost > 0).length;
  t.comment(
    `whole again after, ms: ${distribution(took)}; ${unlucky} times the next key frame was damaged, too`,
  );
  t.ok(took.length > 0, 'it got over damages');
  for (const { ms, keyFramesLost } of recovered) {
    const keyFrames = keyFramesLost + 1;
    t.ok(ms < keyFrames * keyIntervalMs + leftOutMs, `at key frame ${keyFrames}, ${ms.toFixed(0)} ms later`);
  }
  const delay = staysAsLate(t, checkDecoded(t, pictures));
  note('UDP, 2 % of packets lost', pictures.length, pictures.filter(({ isWhole }) => isWhole).length, delay, {
    times: recovered.length,
    tookMs: took,
  });

  describe(t, 'ffmpeg as it shows it', played);
  t.ok(played.codes.length > rate * lossySeconds * 0.3, 'enough pictures can be read');
  staysAsLate(t, played.latenciesMs);
});

t.test('a line that is too narrow, then a wide one', { timeout: 600_000 }, async (t) => {
  const networks = TwoNetworks.make(t);
  if (networks === undefined) return t.pass('needs root', { skip: true });
  const wrapper = networks.at('service');
  const service = await Service.start(t, { config: config(lineAddresses.service), wrapper });
  const player = [
    ...networks.at('viewer'),
    ...ffmpegPlayer(service.rtspUrl('high'), 'tcp', rate * 120),
  ] as const;
  networks.narrow(narrowLine);
  let goesOnAt = Number.POSITIVE_INFINITY;
  const narrow = await watchWith(addon, player, picture, (codes) => {
    if (goesOnAt === Number.POSITIVE_INFINITY && gaps(codes) >= (isLong ? 6 : 2)) {
      networks.narrow(undefined);
      goesOnAt = codes.length + 6 * rate; // the kernel's backlog of small pictures comes first
    }
    return codes.length < goesOnAt ? 'go on' : 'stop';
  });
  describe(t, `TCP, a line of ${narrowLine}, then a wide one`, narrow);
  t.equal(narrow.codes.length, narrow.pictures, 'what was shown could be decoded');
  t.ok(gaps(narrow.codes) > 0, 'and something was left out');
  const last = narrow.latenciesMs.at(-1) ?? Number.POSITIVE_INFINITY;
  t.ok(last < 5000, `the last picture came ${last.toFixed(0)} ms after its capture`);
  const begin = median(narrow.latenciesMs.slice(0, rate));
  const end = median(narrow.latenciesMs.slice(-rate));
  const sent = (narrow.codes.at(-1) ?? 0) - (narrow.codes[0] ?? 0) + 1;
  note(`TCP, ${narrowLine}, then wide`, sent, narrow.codes.length, { begin, end });
});

t.test('an MJPEG viewer behind a narrow line sees what is new', { timeout: 600_000 }, async (t) => {
  const networks = TwoNetworks.make(t);
  if (networks === undefined) return t.pass('needs root', { skip: true });
  const service = await Service.start(t, {
    config: config(lineAddresses.service),
    wrapper: networks.at('service'),
  });
  networks.narrow('1mbit');
  const [program, ...args] = networks.at('viewer');
  const curl = spawn(program, [...args, 'curl', '-sN', service.urls('low')[0]]);
  t.teardown(() => curl.kill());
  const latenciesMs: number[] = [];
  let left = 0;
  const began = performance.now();
  for await (const { latencyMs, dropped } of MjpegViewer.of(curl.stdout).pictures()) {
    latenciesMs.push(latencyMs);
    left = dropped;
    if (performance.now() - began > seconds * 1000) break;
  }
  t.comment(`a line of 1mbit: ${left} left out, ms late: ${distribution(latenciesMs)}`);
  t.ok(left > 20, 'the line is too narrow for all of them');
  const [begin, end] = [median(latenciesMs.slice(0, rate)), median(latenciesMs.slice(-rate))];
  t.ok(end < 2000, `${end.toFixed(0)} ms late at the end`);
  note('MJPEG, 1mbit', latenciesMs.length + left, latenciesMs.length, { begin, end });
});

for (const transport of ['tcp', 'udp'] as const) {
  const title = `a viewer far away by ${transport} is as late as the way is long, and stays so`;
  t.test(title, { timeout: 600_000 }, async (t) => {
    const networks = await TwoNetworks.makeFar(t, wayMs);
    if (networks === undefined) return t.pass('needs root', { skip: true });
    const service = await Service.start(t, {
      config: config(lineAddresses.service),
      wrapper: networks.at('service'),
    });
    const count = rate * (isLong ? 60 : 4);
    const player = ffmpegPlayer(service.rtspUrl('high'), transport, count);
    const far = await watchWith(addon, [...networks.at('viewer'), ...player], picture);
    describe(t, `${transport}, ${wayMs} ms away`, far);
    t.equal(far.codes.length, count, 'every picture can be read');
    t.ok(Math.min(...far.latenciesMs) >= wayMs, 'none is there before it can be');
    const delay = staysAsLate(t, far.latenciesMs);
    t.ok(delay.end < wayMs + keyIntervalMs, 'and none waits for long');
    note(`${transport.toUpperCase()}, ${wayMs} ms away`, far.pictures, far.codes.length, delay);
  });
}

t.test('who joins in the middle of a key frame group is not later than the first', async (t) => {
  const service = await Service.start(t, { config: config('127.0.0.1') });
  const url = service.rtspUrl('high');
  // A player that paces by time stamps: what it begins with must not set it back.
  const paced = (frames: number) => {
    const [program, ...args] = gstreamerPlayer(url, 'tcp', 'h264', frames);
    return watchWith(addon, [program, ...args.map((arg) => arg.replace('sync=false', 'sync=true'))], picture);
  };
  const frames = rate * (isLong ? 7 : 4);
  const first = await paced(frames);
  const beside = paced(frames * 2);
  await new Promise((resolve) => setTimeout(resolve, 1700));
  const joined = await paced(frames);
  await beside;
  const atEnd = ({ latenciesMs }: Watched) => median(latenciesMs.slice(-rate));
  describe(t, 'the first viewer', first);
  describe(t, 'who joins later', joined);
  t.comment(`${atEnd(first).toFixed(1)} ms and ${atEnd(joined).toFixed(1)} ms late in the last second`);
  t.ok(atEnd(joined) < atEnd(first) + 500, 'a group is a second long');
});

t.test('the table of the long run', { skip: isLong ? false : 'npm run test:long writes it' }, async () => {
  writeLongTable({
    name: 'rtsp-network',
    title: 'Viewers behind lines that lose, are narrow or long',
    about: [
      '',
      `H.264 of 640x360 at ${rate}/s, a key frame a second, from one network namespace to another. Whole:`,
      'with all packets, back to a key frame, and decoded by ffmpeg without a complaint. The delay is from',
      'capture until it is decoded (with loss: until its last packet is there), ms, median of a second; the',
      'way itself is in it.',
    ],
    columns: [
      ...['line', 'pictures', 'whole', 'delay at the begin', 'at the end'],
      ...['lost the picture, times', 'whole again after: p50, max'],
    ],
    rows,
  });
});

function note(
  line: string,
  pictures: number,
  whole: number,
  { begin, end }: Delay,
  lost?: { readonly times: number; readonly tookMs: readonly number[] },
): void {
  const after = lost === undefined ? [] : [median(lost.tookMs), Math.max(...lost.tookMs)];
  const ms = after.map((value) => value.toFixed(0)).join(', ');
  const counts = [String(pictures), String(whole), begin.toFixed(1), end.toFixed(1)];
  rows.push([line, ...counts, String(lost?.times ?? ''), ms]);
}

/** One decoder plays all that is whole. Milliseconds from capture to a picture's last packet. */
function checkDecoded(t: Test, pictures: readonly RecordedPicture[]): number[] {
  const whole = pictures.filter(({ isWhole }) => isWhole);
  const parameters = { sps: Buffer.alloc(0), pps: Buffer.alloc(0) }; // key frames have theirs with them
  const unit = {
    codec: 'h264',
    sequence: 0,
    capturedAtNs: 0n,
    ...size,
    keyFrame: false,
    parameters,
  } as const;
  const decoded = decode(whole.map(({ nals }): H264Unit => ({ ...unit, nals })));
  const codes = decoded.map((data) => addon.readBlockCode(data, { format: 'i420', ...size }));
  t.equal(codes.filter((code) => code !== undefined).length, whole.length, 'what is whole can be read');
  return whole.map(({ atNs }, index) => Number(atNs - (codes[index]?.capturedAtNs ?? 0n)) / 1e6);
}

interface Delay {
  readonly begin: number;
  readonly end: number;
}

/** Medians of the second second and of the last one. */
function staysAsLate(t: Test, latenciesMs: readonly number[]): Delay {
  const begin = median(latenciesMs.slice(rate, 2 * rate));
  const end = median(latenciesMs.slice(-rate));
  t.comment(`${begin.toFixed(1)} ms late in the second second, ${end.toFixed(1)} ms in the last one`);
  t.ok(end < begin + marginMs, 'its delay does not grow');
  return { begin, end };
}

function describe(t: Test, what: string, { latenciesMs, codes, pictures }: Watched): void {
  t.comment(`${what}: ${codes.length} of ${pictures} pictures read, ms late: ${distribution(latenciesMs)}`);
}

function gaps(codes: readonly number[]): number {
  return codes.filter((code, index) => index > 0 && code > (codes[index - 1] ?? 0) + 5).length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
