/**
 * Question 4: what USERPTR (the driver writes straight into the ring's slots) saves against MMAP (one copy
 * out of the driver's buffer). It needs a V4L2 device, so it runs in the camera VM, on vivid at 1920x1080
 * YUYV.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compiled, PROJECT } from './harness/paths.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { median } from './harness/statistics.js';
import { numeric, table } from './harness/table.js';
import type { CaptureCost } from './ours/capture-cost.js';

/** The question. */
export const userptr: Question = {
  name: 'userptr',
  title: 'USERPTR against MMAP, vivid 1920x1080 YUYV in the camera VM',
  run,
};

const FRAMES = 60;

async function run({ rounds, small, log }: Settings): Promise<Answer> {
  if (small) return nothing('boots a virtual machine; the full bench has it');
  log(`userptr: ${rounds} rounds in the camera VM`);
  const vivid = 'n_devs=1 node_types=0x1 num_inputs=1 input_types=3';
  const program = [process.execPath, compiled('ours/capture-cost'), String(rounds), String(FRAMES)];
  const args = ['--vivid', vivid, '--timeout', '570', '--', ...program];
  let output: string;
  try {
    const options = { cwd: PROJECT, maxBuffer: 2 ** 24, timeout: 600_000 };
    output = (await promisify(execFile)(`${PROJECT}test/camera/vm/camera-vm`, args, options)).stdout;
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    return nothing(`the camera VM failed: ${(stdout + stderr).trim().split('\n').slice(-4).join(' ')}`);
  }
  const line = /^capture-cost (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`the camera VM printed no result: ${output.slice(-500)}`);
  return toAnswer(JSON.parse(line) as CaptureCost[]);
}

function nothing(reason: string): Answer {
  return { report: 'Not measured.', charts: {}, data: [], skipped: { 'camera VM': reason } };
}

function toAnswer(results: readonly CaptureCost[]): Answer {
  const rows = (['mmap', 'userptr'] as const).map((io) => {
    const mine = results.filter((result) => result.io === io);
    const frames = mine.reduce((sum, result) => sum + result.frames, 0);
    const copied = mine.reduce((sum, result) => sum + (result.frames - result.inPlace), 0);
    const perFrame = (pick: (result: CaptureCost) => number): string =>
      (median(mine.map((result) => pick(result) / result.frames)) / 1000).toFixed(2);
    return [
      io.toUpperCase(),
      [...new Set(mine.map(({ found }) => found))].join(', '),
      String(frames),
      Math.max(0, copied / frames).toFixed(2),
      perFrame(({ userUs }) => userUs),
      perFrame(({ systemUs }) => systemUs),
      perFrame(({ wallUs }) => wallUs),
      String(mine.reduce((sum, { dropped }) => sum + dropped, 0)),
    ];
  });
  const columns = [
    'frames',
    'copies a frame',
    'user ms a frame',
    'system ms a frame',
    'ms between frames',
    'dropped',
  ];
  return {
    report: `${table([{ title: 'asked' }, { title: 'got' }, ...columns.map(numeric)], rows)}\n\n${NOTE}`,
    charts: {},
    data: results,
    skipped: {},
  };
}

const NOTE =
  'The VM emulates its processor on most machines: times are several times those outside, and the vivid ' +
  'driver paints each picture on the same processor. What counts is the number of copies and the user ' +
  "time, which is the capture process's own; ratios, not milliseconds, carry over to real cameras.";
