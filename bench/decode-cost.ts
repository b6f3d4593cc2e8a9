/**
 * Question 7: what decoding a camera's JPEG costs in processor time, beside ffmpeg and GStreamer's jpegdec:
 * the same 1080p pictures, 4:2:2 as USB cameras send them, to what each gives by itself and to 4:2:0.
 */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Answer, Question, Settings } from './harness/question.js';
import { median } from './harness/statistics.js';
import { numeric, table } from './harness/table.js';
import { compileOurs, needGstElement, Unavailable } from './rivals/setup.js';

const run = promisify(execFile);
const parts = [
  ...['jpeg_decoder', 'jpeg_structure', 'pixel_format', 'plane_scaler', 'plane_turn'],
  ...['column_gather', 'row_scaler', 'scale_step'],
];

/** ffmpeg's quality scale, less is better: a good USB camera, and a thrifty one. */
const qualities = [3, 12];

/** Decodes the pictures of a file; processor time in ns a picture. */
interface Decoder {
  readonly name: string;
  readonly to: string;
  readonly ours: boolean;
  /** Throws Unavailable. */
  prepare(): Promise<(file: Pictures) => Promise<number>>;
}

interface Pictures {
  readonly path: string;
  /** The first of them alone: what is subtracted, being what starting costs. */
  readonly one: string;
  readonly count: number;
  readonly bytes: number;
}

const decoders: readonly Decoder[] = [
  {
    name: 'camstream',
    to: '4:2:0',
    ours: true,
    async prepare() {
      const program = await compileOurs('decode.cc', parts);
      return async ({ path }) => Number((await run(program, [path])).stdout.split(' ')[1]);
    },
  },
  ffmpeg('4:2:2', []),
  ffmpeg('4:2:0', ['-pix_fmt', 'yuvj420p']),
  gstreamer('4:2:2', []),
  gstreamer('4:2:0', ['!', 'videoconvert', '!', 'video/x-raw,format=I420']),
];

/** The question. */
export const decodeCost: Question = {
  name: 'decode-cost',
  title: 'Processor time of decoding 1080p JPEG, 4:2:2, on one thread',
  run: answer,
};

interface Row {
  readonly name: string;
  readonly to: string;
  readonly ours: boolean;
  /** Processor time in ns a picture, by size of the pictures and by round. */
  readonly ns: readonly number[][];
}

async function answer({ rounds, frames, only, log }: Settings): Promise<Answer> {
  const folder = mkdtempSync('/dev/shm/camstream-bench-');
  const skipped: Record<string, string> = {};
  const taking: { decoder: Decoder; decode: (file: Pictures) => Promise<number>; row: Row }[] = [];
  try {
    const files: Pictures[] = [];
    for (const q of qualities) files.push(await encode(`${folder}/${q}`, q, Math.min(frames, 120)));
    for (const decoder of decoders.filter(({ name }) => name.includes(only ?? ''))) {
      const { name, to, ours } = decoder;
      try {
        taking.push({
          decoder,
          decode: await decoder.prepare(),
          row: { name, to, ours, ns: files.map(() => []) },
        });
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        skipped[name] = error.message;
      }
    }
    for (let round = 0; round < rounds; round++) {
      log(`decode-cost: round ${round + 1} of ${rounds}`);
      for (const { decode, row } of taking) {
        for (const [index, file] of files.entries()) row.ns[index]?.push(await decode(file));
      }
    }
    const rows = taking.map(({ row }) => row);
    const data = { kilobytes: files.map((file) => file.bytes / file.count / 1000), rows };
    return { report: `${report(rows, data.kilobytes)}\n\n${NOTE}`, charts: {}, data, skipped };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A moving picture with a little noise, as a webcam's sensor adds it. */
async function encode(name: string, q: number, count: number): Promise<Pictures> {
  const source = 'testsrc2=size=1920x1080:rate=60,noise=alls=5:allf=t';
  const coding = ['-pix_fmt', 'yuvj422p', '-huffman', 'default', '-q:v', String(q), '-f', 'mjpeg'];
  const input = ['-v', 'error', '-f', 'lavfi', '-i', source];
  const [path, one] = [`${name}.mjpeg`, `${name}-one.mjpeg`];
  await run('ffmpeg', [...input, '-frames:v', String(count), ...coding, path]);
  await run('ffmpeg', [...input, '-frames:v', '1', ...coding, one]);
  return { path, one, count, bytes: statSync(path).size };
}

function ffmpeg(to: string, conversion: readonly string[]): Decoder {
  const command = (path: string) =>
    `ffmpeg -v error -threads 1 -filter_threads 1 -f mjpeg -i ${path} ${conversion.join(' ')} -f null -`;
  return { name: 'ffmpeg', to, ours: false, prepare: async () => (file) => processorTime(command, file) };
}

function gstreamer(to: string, conversion: readonly string[]): Decoder {
  const command = (path: string) =>
    `gst-launch-1.0 -q filesrc location=${path} ! jpegparse ! jpegdec ${conversion.join(' ')} ! fakesink`;
  return {
    name: 'GStreamer jpegdec',
    to,
    ours: false,
    async prepare() {
      await needGstElement('jpegdec', 'gstreamer1.0-plugins-good');
      await needGstElement('jpegparse', 'gstreamer1.0-plugins-bad');
      return (file) => processorTime(command, file);
    },
  };
}

/** User and system time of a command, less that of the same for one picture. */
async function processorTime(command: (path: string) => string, file: Pictures): Promise<number> {
  const seconds = async (path: string): Promise<number> => {
    const { stderr } = await run('bash', ['-c', `TIMEFORMAT='%3U %3S'; time ${command(path)}`]);
    const [user, system] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    return (user ?? Number.NaN) + (system ?? Number.NaN);
  };
  return (((await seconds(file.path)) - (await seconds(file.one))) / (file.count - 1)) * 1e9;
}

const NOTE =
  'ms of processor time a picture, the median of the rounds. Ours includes looking for damage. All use ' +
  'libjpeg-turbo or code of their own with SIMD; what differs is mostly the way to 4:2:0.';

function report(rows: readonly Row[], kilobytes: readonly number[]): string {
  const columns = [
    { title: 'who' },
    { title: 'to' },
    ...kilobytes.map((size) => numeric(`ms, ${size.toFixed(0)} kB a picture`)),
  ];
  return table(
    columns,
    rows.map(({ name, to, ours, ns }) => [
      ours ? `**${name}**` : name,
      to,
      ...ns.map((rounds) => (median(rounds) / 1e6).toFixed(2)),
    ]),
  );
}
