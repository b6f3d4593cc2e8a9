import { askStatus } from '@camstream/producer';
import t, { type Test } from 'tap';
import { childOf } from '../support/child-processes.js';
import { distribution } from '../support/distribution.js';
import { LaggingFfmpeg } from '../support/lagging-ffmpeg.js';
import { writeLongTable } from '../support/long-table.js';
import { nalsOf, type RtpPacket, RtspClient } from '../support/rtsp-client.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

// What a viewer notices of an ffmpeg that dies, hangs or falls behind: the longest time without a picture.
// Each round is a service of its own: the first failure of a minute is forgiven at once, further ones later.

const isLong = process.env.CAMSTREAM_LONG !== undefined;
const rows: (string | number)[][] = [];

interface Fault {
  readonly title: string;
  readonly rate: number;
  readonly rounds: number;
  /** The longest of docs/results/encoder-replaced.md. */
  readonly figureMs: number;
  readonly happens: (encoder: number, standIn: LaggingFfmpeg | undefined) => void;
  readonly needsStandIn?: boolean;
}

const faults: readonly Fault[] = [
  {
    title: 'is killed',
    rate: 30,
    rounds: isLong ? 16 : 2,
    figureMs: 243,
    happens: (encoder) => process.kill(encoder, 'SIGKILL'),
  },
  {
    title: 'hangs (SIGSTOP)',
    rate: 30,
    rounds: isLong ? 16 : 2,
    figureMs: 2101,
    happens: (encoder) => process.kill(encoder, 'SIGSTOP'),
  },
  {
    title: 'falls behind',
    rate: 10, // what is under way may not be more than 32 pictures
    rounds: isLong ? 6 : 1,
    figureMs: 195,
    needsStandIn: true,
    happens: (_, standIn) => standIn?.fallBehind(),
  },
];

for (const fault of faults) {
  t.test(`an ffmpeg that ${fault.title} is replaced: what is seen`, { timeout: 600_000 }, async (t) => {
    const gaps: Gap[] = [];
    for (let round = 1; round <= fault.rounds; round++) {
      await t.test(`round ${round}`, { timeout: 120_000 }, async (t) => {
        gaps.push(await longestGap(t, fault));
      });
    }
    const [withoutMs, apartMs] = [gaps.map(({ ms }) => ms), gaps.map(({ apartMs }) => apartMs)];
    t.comment(`without a picture, ms: ${distribution(withoutMs)}`);
    t.comment(`between the two pictures' captures, ms: ${distribution(apartMs)}`);
    t.ok(Math.max(...withoutMs) < 10 * fault.figureMs, 'not for long');
    rows.push([fault.title, `${fault.rate}/s`, gaps.length, ...figures(withoutMs), ...figures(apartMs)]);
  });
}

t.test('the table of the long run', { skip: isLong ? false : 'npm run test:long writes it' }, async () => {
  writeLongTable({
    name: 'encoder-replaced',
    title: 'An encoder that is replaced, as a viewer sees it',
    about: [
      '',
      'H.264 of 1920x1080 by libx264, and a viewer by RTSP over TCP whose connection stays. Each round is',
      'a service of its own. The longest time without a picture, and how far apart the captures of two',
      'pictures that follow each other are at most, ms; it goes on at a key frame. Falls behind: a stand-in',
      'gives what ffmpeg does later and later, up to 2.5 s.',
    ],
    columns: ['ffmpeg', 'pictures', 'rounds', 'without: p50', 'longest', 'captures apart: p50', 'farthest'],
    rows,
  });
});

interface Gap {
  readonly ms: number;
  /** How far apart pictures were captured. */
  readonly apartMs: number;
}

async function longestGap(t: Test, { rate, happens, needsStandIn }: Fault): Promise<Gap> {
  const standIn = needsStandIn ? LaggingFfmpeg.write(t) : undefined;
  const wrapper = standIn === undefined ? [] : ['env', `PATH=${standIn.folder}:${process.env.PATH}`];
  const service = await Service.start(t, { config: config(rate), wrapper });
  const url = service.rtspUrl('high');
  const client = await RtspClient.open(Number(new URL(url).port));
  t.teardown(() => client.close());
  await client.play(url);
  // Anywhere between two key frames.
  const before = Math.round(rate * (1 + Math.random()));
  await until('pictures', () => lasts(client.packets).length > before);
  const encoder = childOf(service.child.pid, 'ffmpeg');
  const last = lasts(client.packets).at(-1) as RtpPacket; // what comes next is seen after it
  const from = client.packets.indexOf(last);
  happens(encoder, standIn);
  const encoderOf = async () => (await askStatus(new URL(service.url('/')), undefined)).streams[0]?.encoder;
  await until('another one', async () => ((await encoderOf())?.restarts ?? 0) >= 1);
  const replacedAt = client.packets.length;
  await until('its pictures', () => lasts(client.packets.slice(replacedAt)).length > rate);
  const packets = [...client.packets];
  const [others, same] = [packets.slice(1), packets.slice(0, -1)];
  t.ok(
    others.every(({ sequence }, n) => sequence === (((same[n]?.sequence ?? 0) + 1) & 0xffff)),
    'nothing is lost on the way',
  );
  return gapOf(t, packets.slice(from));
}

function gapOf(t: Test, packets: readonly RtpPacket[]): Gap {
  const ends = lasts(packets);
  const steps = ends.slice(1).map(({ atNs, timestamp }, n) => ({
    timestamp,
    ms: Number(atNs - (ends[n]?.atNs ?? 0n)) / 1e6,
    apartMs: (timestamp - (ends[n]?.timestamp ?? 0)) / 90,
  }));
  const [slowest] = [...steps].sort((a, b) => b.ms - a.ms);
  const [farthest] = [...steps].sort((a, b) => b.apartMs - a.apartMs);
  if (slowest === undefined || farthest === undefined) throw new Error('no pictures');
  // While ffmpeg starts its first picture waits, and the following ones are left out.
  const keyFrames = [slowest, farthest].filter(({ timestamp }) => isKeyFrame(packets, timestamp));
  t.ok(keyFrames.length > 0, 'it goes on at a key frame');
  return { ms: slowest.ms, apartMs: farthest.apartMs };
}

function isKeyFrame(packets: readonly RtpPacket[], ofTimestamp: number): boolean {
  const nals = nalsOf(packets.filter(({ timestamp }) => timestamp === ofTimestamp));
  return nals.some((nal) => (nal.readUInt8(0) & 0x1f) === 5);
}

/** Of each picture the last packet. */
function lasts(packets: readonly RtpPacket[]): RtpPacket[] {
  return packets.filter(({ marker }) => marker);
}

function figures(values: readonly number[]): string[] {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[sorted.length >> 1], sorted.at(-1)].map((value) => (value ?? Number.NaN).toFixed(0));
}

function config(rate: number): string {
  return `
cameras: { main: { source: test, mode: { width: 1920, height: 1080, rate: 30 } } }
rings: {}
streams:
  high: { rate: ${rate}, encoder: libx264, adapt: off }
  low: { port: 0 }
server: { httpPort: 0, rtspPort: 0 }
`;
}
