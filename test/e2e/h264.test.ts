import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCameraAddon } from '@camstream/core';
import t, { type Test } from 'tap';
import { childrenOf } from '../support/child-processes.js';
import { distribution } from '../support/distribution.js';
import { ffmpegPlayer, gstreamerPlayer, type PlayedPicture, watchWith } from '../support/players.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

// H.264 as people get it: encoded by a child of the service, watched over RTSP by players that people use.

const addon = loadCameraAddon();
const picture: PlayedPicture = { format: 'gray8', width: 640, height: 480 };

function config(stream: string): string {
  return `
cameras: { main: { source: test, mode: { width: 640, height: 480, rate: 30 } } }
rings: {}
streams:
  high: { width: 640, height: 480, rate: 30, codec: h264, bitrateKbps: 2000, encoder: libx264, ${stream} }
  low: { port: 0 }
server: { httpPort: 0, rtspPort: 0, rtpPort: 0, rtcpPort: 0 }
`;
}

t.test('players play it from its first picture, each in order', async (t) => {
  const service = await Service.start(t, { config: config('adapt: off') });
  t.same(encodersOf(service), [], 'nobody watches: no encoder');
  const url = service.rtspUrl('high');
  for (const player of [
    ffmpegPlayer(url, 'tcp', 45),
    ffmpegPlayer(url, 'udp', 45),
    gstreamerPlayer(url, 'tcp', 'h264', 45),
  ]) {
    const { codes, pictures, errors, latenciesMs } = await watchWith(addon, player, picture);
    t.equal(pictures, 45, errors);
    t.equal(codes.length, 45, 'every picture can be read');
    t.same(
      codes,
      [...codes].sort((a, b) => a - b),
      'in order',
    );
    t.comment(`${player[0]}: capture to decoded picture, ms: ${distribution(latenciesMs.slice(5))}`);
  }
  await until('the end of the encoder', () => encodersOf(service).length === 0);
});

t.test('a viewer stays while ffmpeg is killed and hangs', async (t) => {
  const service = await Service.start(t, { config: config('warm: true, adapt: off') });
  const [first] = await until('a warm encoder', () => some(encodersOf(service)));
  let killed: number | undefined;
  let stopped: number | undefined;
  const player = ffmpegPlayer(service.rtspUrl('high'), 'tcp', 10_000);
  const { codes } = await watchWith(addon, player, picture, (codes) => {
    const [encoder] = encodersOf(service);
    if (encoder === undefined) return 'go on';
    if (codes.length > 15 && killed === undefined) {
      killed = encoder;
      process.kill(encoder, 'SIGKILL');
    } else if (codes.length > 60 && stopped === undefined && encoder !== killed) {
      stopped = encoder;
      process.kill(encoder, 'SIGSTOP');
    }
    return codes.length > 100 && stopped !== undefined && encoder !== stopped ? 'stop' : 'go on';
  });
  t.equal(killed, first);
  t.ok(codes.length > 100, `${codes.length} pictures of three encoders`);
  t.same(
    codes,
    [...codes].sort((a, b) => a - b),
    'in order',
  );
  await until('the end of the one that hung', () => !existsSync(`/proc/${stopped}`));
});

t.test('ffmpeg dies with the service, killed or not, even while it hangs', async (t) => {
  const service = await Service.start(t, { config: config('warm: true') });
  const [encoder] = await until('a warm encoder', () => some(encodersOf(service)));
  process.kill(encoder ?? 0, 'SIGSTOP');
  service.kill('SIGKILL');
  await service.ending();
  await until('the end of ffmpeg', () => !existsSync(`/proc/${encoder}`));
  const other = await Service.start(t, { config: config('warm: true') });
  const [another] = await until('a warm encoder', () => some(encodersOf(other)));
  t.equal((await other.stop()).code, 0);
  t.notOk(existsSync(`/proc/${another}`));
});

t.test('without ffmpeg its stream says so, and everything else runs', async (t) => {
  const nothing = mkdtempSync(join(tmpdir(), 'camstream-test-'));
  t.teardown(() => rmSync(nothing, { recursive: true, force: true }));
  const wrapper = ['/usr/bin/env', `PATH=${nothing}`];
  await saysWhyAndRuns(
    t,
    { config: config('warm: true'), wrapper },
    /FFMPEG_MISSING: .*apt-get install ffmpeg/,
  );
});

t.test('so with an encoder that this machine does not have', async (t) => {
  const wanted = config('warm: true').replace('encoder: libx264', 'encoder: h264_nvenc');
  await saysWhyAndRuns(
    t,
    { config: wanted },
    /ENCODER_UNAVAILABLE: encoder .*h264_nvenc.* there is: libx264/,
  );
});

async function saysWhyAndRuns(t: Test, options: Parameters<typeof Service.start>[1], why: RegExp) {
  const service = await Service.start(t, options);
  const health = await until('the reason', async () => {
    const response = await fetch(service.url('/health'));
    return response.status === 503 ? await response.text() : undefined;
  });
  t.match(health, why);
  t.match(health, 'stream high');
  const jpeg = await fetch(service.url('/snapshot/low.jpg'));
  t.equal(jpeg.status, 200, 'MJPEG is served');
  t.equal((await service.stop()).code, 0);
}

function encodersOf(service: Service): number[] {
  return childrenOf(service.child.pid ?? 0, 'ffmpeg').filter((pid) => readsFrames(pid));
}

/** One that is fed, not one that is being tried at the start. */
function readsFrames(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('pipe:0');
  } catch {
    return false; // It has just gone.
  }
}

function some<T>(values: T[]): T[] | undefined {
  return values.length === 0 ? undefined : values;
}
