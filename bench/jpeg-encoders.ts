/**
 * Question 8: JPEG encoders side by side on the same pictures, 1280x720 and 640x480, 4:2:0: CPU time a
 * picture, bytes, and how far the picture is from what it was (PSNR of luma). The test camera's pictures as
 * they are, and with a sensor's noise.
 */

import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { type ColourInfo, loadCameraAddon } from '@camstream/core';
import { type JpegCodec, sharpCodec, turboCodec } from '@camstream/producer';
import sharp from 'sharp';
import { childrenCpuMs } from './harness/process-cpu.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { makePictures, type RawPictures } from './harness/raw-pictures.js';
import { median } from './harness/statistics.js';
import { numeric, table } from './harness/table.js';
import { SETTINGS } from './harness/video-service.js';
import { needGstElement, Unavailable } from './rivals/setup.js';

const run = promisify(execFile);

interface Encoder {
  readonly name: string;
  readonly from: string;
  readonly ours?: boolean;
  /** ms of CPU time a picture. */
  time(pictures: RawPictures): Promise<number>;
  /** The first `count` pictures as JPEG. */
  encode(pictures: RawPictures, count: number, folder: string): Promise<Buffer[]>;
}

interface Row {
  readonly encoder: Encoder;
  readonly cpuMs: number[];
  bytes: number;
  psnr: number;
}

interface Stage {
  readonly title: string;
  readonly pictures: RawPictures;
  readonly rows: Row[];
}

/** The question. */
export const jpegEncoders: Question = {
  name: 'jpeg-encoders',
  title: `JPEG encoders on the same pictures, quality ${SETTINGS.quality}, 4:2:0`,
  run: ask,
};

async function ask(settings: Settings): Promise<Answer> {
  const skipped: Record<string, string> = {};
  const folder = mkdtempSync('/dev/shm/cs-bench-');
  const stages: Stage[] = [];
  try {
    const encoders = await gather(settings, skipped);
    for (const [width, height] of [
      [1280, 720],
      [640, 480],
    ] as const) {
      for (const noise of settings.small ? [0] : [0, NOISE]) {
        const count = Math.min(settings.frames, 200);
        const pictures = await makePictures(folder, { width, height, count, noise });
        const title = `${width}x${height}, ${noise > 0 ? 'with noise' : 'as the test camera paints them'}`;
        const stage = { title, pictures, rows: encoders.map(emptyRow) };
        stages.push(stage);
        await measure(stage, settings, folder);
        for (const file of [pictures.rgb, pictures.limited, pictures.full]) rmSync(file);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    report: [...stages.map(({ title, rows }) => `### ${title}\n\n${report(rows)}`), READING].join('\n\n'),
    charts: {},
    data: stages.map(({ title, rows }) => ({ title, rows: rows.map(toData) })),
    skipped,
  };
}

/** Strength of ffmpeg's noise filter: PSNR about 36 dB against the clean picture. */
const NOISE = 12;
const COMPARED = 10; // pictures of which bytes and PSNR are the mean

function emptyRow(encoder: Encoder): Row {
  return { encoder, cpuMs: [], bytes: 0, psnr: 0 };
}

async function gather({ small }: Settings, skipped: Record<string, string>): Promise<Encoder[]> {
  const encoders = [sharpEncoder, turboEncoder, ffmpegEncoder];
  try {
    if (small) throw new Unavailable('the full bench has it');
    await needGstElement('jpegenc', 'gstreamer1.0-plugins-good');
    encoders.push(gstreamerEncoder);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    skipped[gstreamerEncoder.name] = error.message;
  }
  return encoders;
}

async function measure({ title, pictures, rows }: Stage, settings: Settings, folder: string): Promise<void> {
  for (const row of rows) {
    const own = mkdtempSync(`${folder}/jpeg-`);
    const compared = Math.min(COMPARED, pictures.count);
    const jpegs = await row.encoder.encode(pictures, compared, own);
    if (jpegs.length !== compared)
      throw new Error(`${row.encoder.name}: ${jpegs.length} of ${compared} pictures`);
    row.bytes = jpegs.reduce((sum, { length }) => sum + length, 0) / compared;
    row.psnr = await meanPsnr(jpegs, pictures);
  }
  for (let round = 0; round < settings.rounds; round++) {
    settings.log(`jpeg-encoders: round ${round + 1} of ${settings.rounds}, ${title}`);
    for (const row of rows) row.cpuMs.push(await row.encoder.time(pictures));
  }
}

/** One of the service's own, from what its rings hold. */
function ownEncoder(codec: JpegCodec, from: string, source: (pictures: RawPictures) => Source): Encoder {
  const encodeAt = (pictures: RawPictures, at: number): (() => Promise<Buffer>) => {
    const { file, bytesPerPixel, colour } = source(pictures);
    const { width, height } = pictures;
    const data = picture(pictures, file, bytesPerPixel, at);
    return () => codec.encode({ data, width, height, colour }, { quality: SETTINGS.quality, scale: 1 });
  };
  return {
    name: `camstream, ${codec.kind}`,
    from,
    ours: true,
    time: (pictures) => timeHere(pictures, (at) => encodeAt(pictures, at)),
    async encode(pictures, count) {
      const jpegs: Buffer[] = [];
      for (let at = 0; at < count; at++) jpegs.push(await encodeAt(pictures, at)());
      return jpegs;
    },
  };
}

interface Source {
  readonly file: string;
  readonly bytesPerPixel: number;
  readonly colour: ColourInfo;
}

const sharpEncoder = ownEncoder(sharpCodec, 'rgb24', ({ rgb }) => ({
  file: rgb,
  bytesPerPixel: 3,
  colour: { matrix: 'rgb', primaries: 'unspecified', range: 'full' },
}));

const turboEncoder = ownEncoder(turboCodec(loadCameraAddon()), 'limited-range I420', ({ limited }) => ({
  file: limited,
  bytesPerPixel: 1.5,
  colour: { matrix: 'bt601', primaries: 'smpte170m', range: 'limited' },
}));

const ffmpegEncoder: Encoder = {
  name: 'ffmpeg mjpeg',
  from: 'full-range I420',
  async time(pictures) {
    const encoding = await timeFfmpeg(pictures, [...ffmpegCodec, '-f', 'null', '-']);
    return encoding - (await timeFfmpeg(pictures, ['-c:v', 'copy', '-f', 'null', '-']));
  },
  async encode(pictures, count, folder) {
    const output = [...ffmpegCodec, '-frames:v', `${count}`, `${folder}/%03d.jpg`];
    await run('ffmpeg', [...ffmpegInput(pictures), ...output]);
    return jpegsIn(folder);
  },
};

const ffmpegCodec = ['-c:v', 'mjpeg', '-q:v', `${SETTINGS.ffmpegQuality}`, '-threads', '1'];

function ffmpegInput({ width, height, full }: RawPictures): string[] {
  const shape = ['-f', 'rawvideo', '-pix_fmt', 'yuvj420p', '-s', `${width}x${height}`, '-r', '60'];
  return ['-v', 'error', '-nostdin', ...shape, '-i', full];
}

async function timeFfmpeg(pictures: RawPictures, output: readonly string[]): Promise<number> {
  const before = childrenCpuMs();
  await run('ffmpeg', [...ffmpegInput(pictures), ...output]);
  return (childrenCpuMs() - before) / pictures.count;
}

const gstreamerEncoder: Encoder = {
  name: 'GStreamer jpegenc',
  from: 'full-range I420',
  async time(pictures) {
    const encoding = await timeGstreamer(
      pictures,
      `! jpegenc quality=${SETTINGS.quality} ! fakesink sync=false`,
    );
    return encoding - (await timeGstreamer(pictures, '! fakesink sync=false'));
  },
  async encode(pictures, count, folder) {
    const limit = `! identity eos-after=${count + 1} ! jpegenc quality=${SETTINGS.quality}`;
    await gstreamer(pictures, `${limit} ! multifilesink location=${folder}/%03d.jpg`);
    return jpegsIn(folder).slice(0, count);
  },
};

async function timeGstreamer(pictures: RawPictures, rest: string): Promise<number> {
  const before = childrenCpuMs();
  await gstreamer(pictures, rest);
  return (childrenCpuMs() - before) / pictures.count;
}

async function gstreamer({ width, height, full }: RawPictures, rest: string): Promise<void> {
  const shape = `width=${width} height=${height} framerate=60/1 colorimetry=1:4:0:0`;
  const parse = `rawvideoparse format=i420 ${shape}`;
  const bytes = (width * height * 3) / 2;
  await run('gst-launch-1.0', [
    '-q',
    ...`filesrc location=${full} blocksize=${bytes} ! ${parse} ${rest}`.split(' '),
  ]);
}

async function timeHere(
  { count }: RawPictures,
  prepare: (at: number) => () => Promise<Buffer>,
): Promise<number> {
  let usedUs = 0;
  for (let at = 0; at < count; at++) {
    const encode = prepare(at);
    const before = process.cpuUsage();
    await encode();
    const { user, system } = process.cpuUsage(before);
    usedUs += user + system;
  }
  return usedUs / 1000 / count;
}

function picture({ width, height }: RawPictures, file: string, bytesPerPixel: number, at: number): Buffer {
  const bytes = Buffer.allocUnsafe(width * height * bytesPerPixel);
  const from = openSync(file, 'r');
  readSync(from, bytes, 0, bytes.length, at * bytes.length);
  closeSync(from);
  return bytes;
}

function jpegsIn(folder: string): Buffer[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
  return names.sort().map((name) => readFileSync(`${folder}/${name}`));
}

async function meanPsnr(jpegs: readonly Buffer[], pictures: RawPictures): Promise<number> {
  let sum = 0;
  for (const [at, jpeg] of jpegs.entries()) {
    const decoded = await sharp(jpeg).removeAlpha().raw().toBuffer();
    sum += lumaPsnr(decoded, picture(pictures, pictures.rgb, 3, at));
  }
  return sum / jpegs.length;
}

/** dB, of two pictures in R,G,B, by the luma of BT.601. */
function lumaPsnr(left: Uint8Array, right: Uint8Array): number {
  const luma = (bytes: Uint8Array, at: number): number =>
    0.299 * (bytes[at] as number) + 0.587 * (bytes[at + 1] as number) + 0.114 * (bytes[at + 2] as number);
  let squares = 0;
  for (let at = 0; at + 2 < left.length; at += 3) squares += (luma(left, at) - luma(right, at)) ** 2;
  return 10 * Math.log10(255 ** 2 / (squares / (left.length / 3)));
}

const READING =
  'CPU: user and system time of one picture, whatever number of threads; median of the rounds. Each starts ' +
  'from the format named, which is in memory; what ffmpeg and GStreamer need without the encoder is ' +
  'subtracted. PSNR: luma of the decoded picture against the R,G,B that all began from.';

function report(rows: readonly Row[]): string {
  const columns = [{ title: 'encoder' }, { title: 'from' }, ...['CPU, ms', 'KB', 'PSNR, dB'].map(numeric)];
  return table(
    columns,
    rows.map(({ encoder, cpuMs, bytes, psnr }) => [
      encoder.ours ? `**${encoder.name}**` : encoder.name,
      encoder.from,
      median(cpuMs).toFixed(2),
      (bytes / 1000).toFixed(1),
      psnr.toFixed(1),
    ]),
  );
}

function toData({ encoder: { name, from }, cpuMs, bytes, psnr }: Row): unknown {
  return { name, from, cpuMs, bytes, psnr };
}
