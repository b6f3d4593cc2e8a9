/**
 * Question 7: what the specification's four streams cost in CPU time (user and system of the service and all
 * its children) from one 1080p60 YUYV camera with one viewer each, who reads and does not decode: camstream
 * with each of its JPEG encoders, beside the specification's options 1 and 2, in turns.
 *
 * Nobody pays for bringing the camera's pictures into memory: GStreamer maps them (shmsrc), camstream's test
 * camera repaints only what changes in its ring's slots, which is in its figure; ffmpeg reads them from a
 * file, which is measured by itself and subtracted.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { BackgroundProcess } from './harness/background-process.js';
import { ParticipantProcess } from './harness/participant-process.js';
import { compiled } from './harness/paths.js';
import { type CpuUse, totalCpu, watchCpu } from './harness/process-cpu.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { capture } from './harness/raw-pictures.js';
import { median } from './harness/statistics.js';
import { numeric, percent, table } from './harness/table.js';
import { STREAM_RATES, type VideoService } from './harness/video-service.js';
import { defaultService, hardwareService } from './ours/video-service.js';
import { option1, option1Tuned } from './rivals/option1.js';
import { ffmpegInput, option2 } from './rivals/option2.js';
import { needGstElement, Unavailable } from './rivals/setup.js';
import type { WatchPlan } from './viewers/watch.js';

/** One service's one turn. */
interface Turn extends CpuUse {
  /** Pictures a second by stream. */
  readonly delivered: Readonly<Record<string, number>>;
}

interface Row {
  readonly service: VideoService;
  readonly turns: Turn[];
}

/** What the camera gives. */
const CAMERA = { width: 1920, height: 1080, rate: 60, format: 'yuyv' } as const;

/** Shares of option 1's CPU time. */
const AIMS: Readonly<Record<string, number>> = { 'camstream, sharp': 0.75, 'camstream, turbo': 0.6 };

/** The question. */
export const streamCpu: Question = {
  name: 'stream-cpu',
  title: 'CPU time of four streams from one 1080p60 YUYV camera, one viewer each',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const skipped: Record<string, string> = {};
  const rows = (await gather(settings, skipped)).map((service): Row => ({ service, turns: [] }));
  const folder = mkdtempSync('/dev/shm/cs-bench-');
  const pictures = `${folder}/pictures.yuyv`;
  const input: number[] = [];
  try {
    mkdirSync(`${folder}/rings`);
    await capture(pictures, CAMERA, settings.small ? 10 : 120, `${folder}/rings`);
    for (let round = 0; round < settings.rounds; round++) {
      for (const [index] of rows.entries()) {
        const row = rows[(index + round) % rows.length] as Row;
        settings.log(`stream-cpu: round ${round + 1} of ${settings.rounds}, ${row.service.name}`);
        await takeTurn(row, folder, pictures, settings, skipped);
      }
      if (rows.some(({ service }) => service === option2)) input.push(await inputCost(pictures, settings));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const complete = rows.filter(({ turns }) => turns.length > 0);
  return {
    report: [report(complete, input), programs(complete), NOTE].join('\n\n'),
    charts: {},
    data: {
      services: complete.map(({ service: { name, how }, turns }) => ({ name, how, turns })),
      ffmpegInput: input,
    },
    skipped,
  };
}

async function gather({ small, only }: Settings, skipped: Record<string, string>): Promise<VideoService[]> {
  const ours = [
    defaultService('sharp'),
    defaultService('turbo'),
    hardwareService('sharp'),
    hardwareService('turbo'),
  ];
  const services = [...ours, option1, option1Tuned, option2];
  const wanted = services.filter(({ name }) => only === undefined || name.includes(only));
  if (small) {
    for (const { name, ours } of wanted) {
      if (!ours) skipped[name] = 'needs GStreamer and a compiler; the full bench has it';
    }
    return wanted.filter(({ ours }) => ours);
  }
  try {
    await needGstElement('rtspclientsink', 'gstreamer1.0-rtsp');
    await needGstElement('x264enc', 'gstreamer1.0-plugins-ugly');
    return wanted;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    for (const { name, ours } of wanted) if (!ours) skipped[name] = error.message;
    return wanted.filter(({ ours }) => ours);
  }
}

async function takeTurn(
  { service, turns }: Row,
  folder: string,
  pictures: string,
  settings: Settings,
  skipped: Record<string, string>,
): Promise<void> {
  const own = mkdtempSync(`${folder}/turn-`);
  try {
    turns.push(await measure(service, own, pictures, settings));
  } catch (error) {
    if (service.ours) throw error;
    skipped[service.name] = (error as Error).message;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

async function measure(
  service: VideoService,
  folder: string,
  pictures: string,
  { frames, rate, small }: Settings,
): Promise<Turn> {
  const running = await service.start(folder, pictures);
  const seconds = frames / rate;
  const plan = Object.entries(running.addresses)
    .filter(([stream]) => stream in STREAM_RATES)
    .map(([stream, address]): WatchPlan => ({ stream, address, count: 1 }));
  const command = { file: process.execPath, args: [compiled('viewers/watch')] };
  const viewers = new ParticipantProcess('viewers', command, [`${seconds}`, JSON.stringify(plan)]);
  try {
    await viewers.ready();
    await sleep(small ? 300 : 3000);
    const used = watchCpu(running.pids, running.except);
    viewers.go();
    const lines = await viewers.output(seconds * 1000 + 30_000);
    return { ...used(), delivered: rates(lines, seconds) };
  } finally {
    await viewers.stop();
    await running.stop();
  }
}

/** Lines of watch.js as pictures a second by stream. */
function rates(lines: readonly string[], seconds: number): Record<string, number> {
  const viewers = lines.map((line) => line.split(' ')).filter(([kind]) => kind === 'viewer');
  return Object.fromEntries(viewers.map(([, stream = '', pictures]) => [stream, Number(pictures) / seconds]));
}

/** What reading the file costs ffmpeg, which a camera would not: the same input, nothing encoded. */
async function inputCost(pictures: string, { frames, rate }: Settings): Promise<number> {
  const args = [...ffmpegInput(pictures), '-map', '0:v', '-c', 'copy', '-f', 'null', '-'];
  const ffmpeg = new BackgroundProcess('ffmpeg, input only', { file: 'ffmpeg', args });
  await ffmpeg.says(/Output #0/);
  await sleep(1000);
  const used = watchCpu([ffmpeg.pid]);
  await sleep((frames / rate) * 1000);
  const share = totalCpu(used());
  await ffmpeg.stop();
  return share;
}

function report(rows: readonly Row[], input: readonly number[]): string {
  const cpuOfTurns = ({ service, turns }: Row): number[] => {
    const reading = service === option2 && input.length > 0 ? median(input) : 0;
    return turns.map((turn) => totalCpu(turn) - reading);
  };
  const cpuOf = (row: Row): number => median(cpuOfTurns(row));
  const base = rows.find(({ service }) => service === option1);
  const columns = [
    { title: 'who' },
    ...['CPU, cores', 'lowest..highest', 'of the machine', '/ option 1', 'aim'].map(numeric),
    ...Object.keys(STREAM_RATES).map((stream) => numeric(`${stream}, /s`)),
  ];
  return table(
    columns,
    rows.map((row) => {
      const all = cpuOfTurns(row);
      const { name, ours } = row.service;
      return [
        ours ? `**${name}**` : name,
        cpuOf(row).toFixed(2),
        `${Math.min(...all).toFixed(2)}..${Math.max(...all).toFixed(2)}`,
        percent(cpuOf(row) / availableParallelism()),
        base ? (cpuOf(row) / cpuOf(base)).toFixed(2) : '',
        AIMS[name]?.toFixed(2) ?? '',
        ...Object.keys(STREAM_RATES).map((stream) => deliveredText(row, stream)),
      ];
    }),
  );
}

function deliveredText({ turns }: Row, stream: string): string {
  const rates = turns.flatMap(({ delivered }) => delivered[stream] ?? []);
  return rates.length === 0 ? '' : median(rates).toFixed(1);
}

/** Where it goes, by program. */
function programs(rows: readonly Row[]): string {
  return rows
    .map(({ service, turns }) => {
      const names = [...new Set(turns.flatMap(({ programs }) => Object.keys(programs)))];
      const parts = names.map((name) => {
        const share = median(turns.map(({ programs }) => programs[name] ?? 0));
        return `${name} ${percent(share)}`;
      });
      return `- ${service.name} (${service.how}): ${parts.join(', ')}`;
    })
    .join('\n');
}

const NOTE =
  'CPU: user and system of the service, its children and, for the rivals, the RTSP server that they ' +
  'push to; median of the rounds. The cost of reading the pictures from a file is subtracted from ' +
  'option 2. Option 1 gives `analysis` as the camera has it, 60/s; option 2 does not have it. The ' +
  'stand-in for h264_vaapi shows what is left where hardware encodes (NFR-STR-005: below 30 % of the ' +
  'machine); the upload of the pictures to the hardware is not in it.';

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
