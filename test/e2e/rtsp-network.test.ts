import { spawn } from 'node:child_process';
import { loadCameraAddon } from '@camstream/core';
import t, { type Test } from 'tap';
import { DelayRelay } from '../support/delay-relay.js';
import { distribution } from '../support/distribution.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import {
  ffmpegPlayer,
  gstreamerPlayer,
  type PlayedPicture,
  type Watched,
  watchWith,
} from '../support/players.js';
import { Service } from '../support/service.js';
import { lineAddresses, TwoNetworks } from '../support/two-networks.js';

// Streams over lines that lose packets, are too narrow or far away: viewers go on at a key frame, and are not
// later at the end than at the beginning.

const addon = loadCameraAddon();
const isLong = process.env.CAMSTREAM_LONG !== undefined;
const rate = 30;
/** Less than half of what the stream is. */
const narrowLine = '80kbit';
const seconds = isLong ? 60 : 8;
const picture: PlayedPicture = { format: 'gray8', width: 640, height: 360 };
const config = (host: string) => `
cameras: { main: { source: test, mode: { width: 640, height: 360, rate: ${rate} } } }
rings: {}
streams:
  high: { width: 640, height: 360, rate: ${rate}, codec: h264, bitrateKbps: 2000, encoder: libx264 }
  low: { width: 640, height: 360, rate: ${rate}, codec: mjpeg, port: 0 }
server: { host: ${host}, httpPort: 0, rtspPort: 0 }
`;

t.test('a line that loses packets, then one that is too narrow', { timeout: 600_000 }, async (t) => {
  const networks = TwoNetworks.make(t);
  if (networks === undefined) return t.pass('needs root', { skip: true });
  const wrapper = networks.at('service');
  const service = await Service.start(t, { config: config(lineAddresses.service), wrapper });
  const url = service.rtspUrl('high');
  const play = (transport: 'tcp' | 'udp', pictures: number, onPicture?: Parameters<typeof watchWith>[3]) => {
    const player = [...networks.at('viewer'), ...ffmpegPlayer(url, transport, pictures)] as const;
    return watchWith(addon, player, picture, onPicture);
  };

  networks.lose(2);
  const lossy = await play('udp', rate * seconds);
  networks.loseNothing();
  describe(t, 'UDP, 2 % lost', lossy);
  t.ok(lossy.codes.length > rate * seconds * 0.3, 'enough pictures can be read');
  staysAsLate(t, lossy);

  networks.narrow(narrowLine);
  let goesOnAt = Number.POSITIVE_INFINITY;
  const narrow = await play('tcp', rate * 120, (codes) => {
    if (goesOnAt === Number.POSITIVE_INFINITY && gaps(codes) >= (isLong ? 20 : 2)) {
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
});

t.test('an MJPEG viewer behind a narrow line sees what is new', { timeout: 60_000 }, async (t) => {
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
  const late = median(latenciesMs.slice(-rate));
  t.ok(late < 2000, `${late.toFixed(0)} ms late at the end`);
});

t.test('a viewer far away is as late as the way is long, and stays so', { timeout: 600_000 }, async (t) => {
  const service = await Service.start(t, { config: config('127.0.0.1') });
  const { port } = new URL(service.rtspUrl('high'));
  const relay = await DelayRelay.open(Number(port), 150);
  t.teardown(() => relay.close());
  const far = await watchWith(
    addon,
    ffmpegPlayer(`rtsp://127.0.0.1:${relay.port}/high`, 'tcp', rate * (isLong ? 60 : 4)),
    picture,
  );
  describe(t, 'TCP, 150 ms away', far);
  t.equal(far.codes.length, far.pictures);
  staysAsLate(t, far);
});

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

function staysAsLate(t: Test, { latenciesMs }: Watched): void {
  const begin = median(latenciesMs.slice(rate, 2 * rate));
  const end = median(latenciesMs.slice(-rate));
  t.comment(`${begin.toFixed(1)} ms late in the second second, ${end.toFixed(1)} ms in the last one`);
  t.ok(end < begin + 1000);
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
