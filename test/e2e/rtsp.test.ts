import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { loadCameraAddon } from '@camstream/core';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { distribution } from '../support/distribution.js';
import { jpegOf, picturesOf } from '../support/jpeg-from-rtp.js';
import {
  ffmpegPlayer,
  gstreamerPlayer,
  type PlayedPicture,
  type Watched,
  watchWith,
} from '../support/players.js';
import { nalsOf, RtspClient, type SenderReport, wallMsOf } from '../support/rtsp-client.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

// The service as it is started by people, watched over RTSP by the players that people use. Every picture
// carries a block code with its sequence number and capture time.

const addon = loadCameraAddon();
const streams = `
streams:
  high: { width: 1280, height: 720, rate: 30, codec: h264, bitrateKbps: 3000, encoder: libx264 }
  medium: { width: 1280, height: 720, rate: 15, codec: mjpeg, port: 0 }
  low: { width: 640, height: 480, rate: 15, codec: mjpeg, port: 0 }
`;
const ports = 'httpPort: 0, rtspPort: 0';
const camera =
  'cameras: { main: { source: test, mode: { width: 1280, height: 720, rate: 30 } } }\nrings: {}\n';
const config = `${camera}${streams}server: { ${ports} }\n`;
const service = await Service.start(t, { config });
const names = ['high', 'medium', 'low'] as const;
const pictures: Record<(typeof names)[number], PlayedPicture> = {
  high: { format: 'gray8', width: 1280, height: 720 },
  medium: { format: 'gray8', width: 1280, height: 720 },
  low: { format: 'gray8', width: 640, height: 480, barRows: 60 },
};
const codecs = { high: 'h264', medium: 'jpeg', low: 'jpeg' } as const;

for (const stream of names) {
  const url = service.rtspUrl(stream);
  for (const transport of ['tcp', 'udp'] as const) {
    t.test(`ffmpeg plays ${stream} by ${transport}`, async (t) => {
      check(t, await watchWith(addon, ffmpegPlayer(url, transport, 30), pictures[stream]), 30);
    });
    t.test(`GStreamer plays ${stream} by ${transport}`, async (t) => {
      const player = gstreamerPlayer(url, transport, codecs[stream], 20);
      check(t, await watchWith(addon, player, pictures[stream]), 20);
    });
  }
}

t.test('ffprobe tells what each stream is', async (t) => {
  const shapes = names.map((stream) => {
    const entries = 'stream=codec_name,width,height,avg_frame_rate';
    const args = ['-loglevel', 'error', '-show_entries', entries, '-of', 'csv=p=0', service.rtspUrl(stream)];
    return execFileSync('ffprobe', args, { encoding: 'utf8' }).trim();
  });
  t.match(shapes, [/^h264,1280,720,/, /^mjpeg,1280,720,/, /^mjpeg,640,480,/]);
});

t.test('the time from sender reports is the one painted in the picture, JPEG', async (t) => {
  const client = await watching('low', 12);
  const painted: bigint[] = [];
  const stamped = picturesOf(client.packets).slice(0, -1);
  for (const picture of stamped) {
    const { data } = await sharp(jpegOf(picture)).greyscale().raw().toBuffer({ resolveWithObject: true });
    painted.push(paintedAt(data.subarray(640 * 60, -640 * 60), 640, 360));
  }
  compare(
    t,
    client.reports,
    stamped.map((picture) => picture[0]?.timestamp ?? 0),
    painted,
  );
});

t.test('the time from sender reports is the one painted in the picture, H.264', async (t) => {
  const client = await watching('high', 40);
  const stamped = picturesOf(client.packets);
  const stream = nalsOf(stamped.flat()).flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal]);
  const args = ['-loglevel', 'error', '-f', 'h264', '-i', '-', '-fps_mode', 'passthrough'];
  const decoded = spawnSync('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], {
    input: Buffer.concat(stream),
    maxBuffer: 2 ** 28,
  }).stdout;
  const size = 1280 * 720;
  t.equal(decoded.length, stamped.length * size, 'as many pictures as time stamps');
  // Those that it began with are stamped to be shown at once.
  const isOwn = (timestamp: number) => ((timestamp - (stamped.at(-1)?.[0]?.timestamp ?? 0)) | 0) > -20 * 3000;
  const own = stamped.map((picture) => picture[0]?.timestamp ?? 0);
  const painted = own.map((_, index) =>
    paintedAt(decoded.subarray(index * size, (index + 1) * size), 1280, 720),
  );
  const late = own.length - 20;
  t.ok(own.slice(late).every(isOwn));
  compare(t, client.reports, own.slice(late), painted.slice(late));
});

t.test('twelve viewers at once, one of them killed, get every picture', { timeout: 90_000 }, async (t) => {
  const url = service.rtspUrl('high');
  const clients = await Promise.all(
    Array.from({ length: 12 }, () => RtspClient.open(Number(new URL(url).port))),
  );
  for (const [index, client] of clients.entries()) await client.play(url, index % 2 === 0 ? 'tcp' : 'udp');
  const killed = spawn('ffmpeg', ['-loglevel', 'error', '-i', url, '-f', 'null', '-'], { stdio: 'ignore' });
  const seen = (client: RtspClient) => client.packets.filter(({ marker }) => marker).length;
  await until('all see pictures', () => clients.every((client) => seen(client) > 10));
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const before = clients.map(seen);
  await until('two seconds of pictures', () => seen(clients[0] as RtspClient) > (before[0] ?? 0) + 60);
  const after = clients.map((client, index) => seen(client) - (before[index] ?? 0));
  t.comment(`pictures in the same time: ${after.join(' ')}`);
  t.ok(Math.min(...after) >= Math.max(...after) * 0.9);
  for (const client of clients) client.close();
});

t.test('with a password: none and a wrong one are refused, the right one plays', async (t) => {
  const server = `server: { ${ports}, auth: { user: operator, password: right-one } }`;
  const guarded = await Service.start(t, {
    config: `${camera}${streams}${server}\n`,
  });
  const url = guarded.rtspUrl('low');
  const as = (account: string) => url.replace('rtsp://', `rtsp://${account}@`);
  for (const wrong of [url, as('operator:wrong'), as('other:right-one')]) {
    const { stderr, status } = spawnSync('ffprobe', ['-loglevel', 'error', wrong], { encoding: 'utf8' });
    t.not(status, 0);
    t.match(stderr, /401 Unauthorized/);
  }
  const wrong = await fetch(guarded.url('/metrics'), {
    headers: { Authorization: basicHeader('other-one') },
  });
  t.equal(wrong.status, 401);
  const metrics = await fetch(guarded.url('/metrics'), {
    headers: { Authorization: basicHeader('right-one') },
  });
  t.match(await metrics.text(), /^camstream_auth_refused_total 3$/m, 'two over RTSP, one over HTTP');
  const right = ffmpegPlayer(as('operator:right-one'), 'udp', 10);
  check(t, await watchWith(addon, right, pictures.low), 10);
  const [program, ...args] = gstreamerPlayer(as('operator:right-one'), 'tcp', 'jpeg', 10);
  check(t, await watchWith(addon, [program, ...args], pictures.low), 10);
  const client = await RtspClient.open(Number(new URL(url).port));
  const refused = await client.ask('DESCRIBE', url);
  t.equal(refused.status, 401);
  t.match(refused.headers.get('www-authenticate'), /Digest .*algorithm=MD5/);
  t.equal((await client.ask('DESCRIBE', url, `Authorization: ${basicHeader('right-one')}`)).status, 200);
  client.close();
});

t.test('multicast is sent once, however many receive it', { timeout: 90_000 }, async (t) => {
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return t.pass('needs root', { skip: true });
  const network = 'ip link set lo up && ip link set lo multicast on && ip route add 239.0.0.0/8 dev lo';
  const wrapper = ['unshare', '-n', 'sh', '-c', `${network} && exec "$@"`, 'sh'];
  const alone = await Service.start(t, { config, wrapper });
  const inside = ['nsenter', '-t', String(alone.child.pid), '-n'] as const;
  const [ffmpeg, gstreamer] = await Promise.all([
    watchWith(addon, [...inside, ...ffmpegPlayer(alone.rtspUrl('high'), 'udp_multicast', 90)], pictures.high),
    watchWith(
      addon,
      [...inside, ...gstreamerPlayer(alone.rtspUrl('low'), 'udp-mcast', 'jpeg', 20)],
      pictures.low,
    ),
    watchWith(addon, [...inside, ...ffmpegPlayer(alone.rtspUrl('high'), 'udp_multicast', 60)], pictures.high),
  ]);
  check(t, ffmpeg, 90);
  check(t, gstreamer, 20);
  const others = [
    ['high', gstreamerPlayer(alone.rtspUrl('high'), 'udp-mcast', codecs.high, 20), 20],
    ['medium', ffmpegPlayer(alone.rtspUrl('medium'), 'udp_multicast', 20), 20],
    ['medium', gstreamerPlayer(alone.rtspUrl('medium'), 'udp-mcast', codecs.medium, 20), 20],
    ['low', ffmpegPlayer(alone.rtspUrl('low'), 'udp_multicast', 20), 20],
  ] as const;
  for (const [stream, player, count] of others) {
    t.comment(`${player[0]} plays ${stream}`);
    check(t, await watchWith(addon, [...inside, ...player], pictures[stream]), count);
  }
  await alone.until((lines) => lines.filter(({ msg }) => msg === 'viewer left').length >= 7);
});

function basicHeader(password: string): string {
  return `Basic ${Buffer.from(`operator:${password}`).toString('base64')}`;
}

async function watching(stream: 'high' | 'low', count: number): Promise<RtspClient> {
  const url = service.rtspUrl(stream);
  const client = await RtspClient.open(Number(new URL(url).port));
  await client.ask('DESCRIBE', url);
  await client.play(url);
  await until('pictures', () => picturesOf(client.packets).length > count);
  client.close();
  return client;
}

function paintedAt(data: Uint8Array, width: number, height: number): bigint {
  const code = addon.readBlockCode(data, { format: 'gray8', width, height });
  if (code === undefined) throw new Error('no block code');
  return code.capturedAtNs;
}

/** Times that pictures have by the first report against those that are painted in them. */
function compare(
  t: Test,
  [report]: readonly SenderReport[],
  timestamps: readonly number[],
  painted: readonly bigint[],
): void {
  if (report === undefined) throw new Error('no sender report came');
  const offsetMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  const apart = timestamps.map((timestamp, index) =>
    Math.abs(wallMsOf(timestamp, report) - offsetMs - Number(painted[index]) / 1e6),
  );
  t.comment(`ms between sender report and picture: ${distribution(apart)}`);
  t.ok(Math.max(...apart) < 5, 'within 5 ms');
}

function check(t: Test, { codes, latenciesMs, pictures, errors }: Watched, wanted: number): void {
  t.comment(`capture to decoded picture, ms: ${distribution(latenciesMs)}`);
  t.equal(pictures, wanted, errors);
  t.equal(codes.length, wanted, 'every picture can be read');
  t.same(
    codes,
    [...codes].sort((a, b) => a - b),
    'in order',
  );
}
