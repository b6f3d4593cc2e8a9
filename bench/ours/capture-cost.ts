/**
 * Captures from /dev/video0 with MMAP and with USERPTR by turns and prints what a frame cost the process,
 * as one line of JSON. Runs inside the camera VM: `capture-cost.js ROUNDS FRAMES`.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { loadCameraAddon, type NativeCapture } from '@camstream/core';

/** One round's finding. */
export interface CaptureCost {
  readonly io: 'mmap' | 'userptr';
  readonly found: string;
  readonly description: string;
  readonly frames: number;
  readonly bytes: number;
  readonly dropped: number;
  /** Buffers that the driver filled under the address of their slot: those were not copied. */
  readonly inPlace: number;
  readonly userUs: number;
  readonly systemUs: number;
  readonly wallUs: number;
}

const [rounds, frames] = process.argv.slice(2).map(Number) as [number, number];
execFileSync('v4l2-ctl', ['-d0', '--set-dv-bt-timings', `index=${indexOf1080p60()}`]);
const results: CaptureCost[] = [];
for (let round = 0; round < rounds; round++) {
  for (const io of ['mmap', 'userptr'] as const) results.push(await measure(io));
}
console.log(`capture-cost ${JSON.stringify(results)}`);

// v4l2-ctl knows timings by their place in the driver's list only.
function indexOf1080p60(): string {
  const list = execFileSync('v4l2-ctl', ['-d0', '--list-dv-timings'], { encoding: 'utf8' });
  for (const entry of list.split('Index: ').slice(1)) {
    const is1080p = /width: 1920\s+Active height: 1080\s/.test(entry) && entry.includes('progressive');
    if (is1080p && entry.includes('(60.00 frames')) return entry.split(/\s/)[0] as string;
  }
  throw new Error(`the device has no 1920x1080p60 timings:\n${list}`);
}

async function measure(io: 'mmap' | 'userptr'): Promise<CaptureCost> {
  const capture = await loadCameraAddon().startCapture(
    { kind: 'v4l2', path: '/dev/video0', width: 1920, height: 1080, rate: 60, format: 'yuyv', io },
    {
      root: mkdtempSync('/dev/shm/cs-bench-'),
      name: 'camera',
      readers: 2,
      hold: 1,
      localLeases: 0,
      leaseTimeoutMs: 5000,
      group: '',
      systemModes: false,
    },
    (event) => {
      if (event.kind === 'failed') throw new Error(`${event.code}: ${event.message}`);
    },
  );
  await published(capture, 5);
  const first = capture.status();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const last = await published(capture, first.published + frames);
  const { user, system } = process.cpuUsage(cpu);
  const wallUs = Math.round((performance.now() - start) * 1000);
  const { payloadCapacity } = capture.info();
  await capture.close();
  return {
    io,
    found: last.io,
    description: last.description,
    frames: last.published - first.published,
    bytes: payloadCapacity,
    dropped: last.framesDropped - first.framesDropped,
    inPlace: last.zeroCopy.matched - first.zeroCopy.matched,
    userUs: user,
    systemUs: system,
    wallUs,
  };
}

async function published(
  capture: NativeCapture,
  count: number,
): Promise<ReturnType<NativeCapture['status']>> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const status = capture.status();
    if (status.published >= count) return status;
    if (performance.now() > deadline)
      throw new Error(`only ${status.published} of ${count} frames in two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
