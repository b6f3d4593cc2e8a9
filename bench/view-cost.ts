/**
 * Question 2: what one frame costs a reader in JavaScript (taking it, a look at its first byte, giving it
 * back), from 640x480 to 3840x2160. A view must not cost more for a larger frame; a copy does.
 *
 * Frames are published six at a time and then read in turn. The first of them comes after the copying of
 * six pictures, which leaves nothing of the reader in the processor's caches: it is told apart from the
 * other five, because what it shows is the caches, and that a real reader begins with cold ones.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type FrameStream, type RingReader } from '@camstream/consumer';
import { loadCameraAddon, type NativeRingWriter } from '@camstream/core';
import type { Distribution } from './harness/distribution-chart.js';
import { nowNs } from './harness/participant.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { medianOfRounds, quantiles, type Summary, summarize } from './harness/statistics.js';
import { micros, numeric, table, times } from './harness/table.js';

const SIZES = [
  [640, 480],
  [1280, 720],
  [1920, 1080],
  [2560, 1440],
  [3840, 2160],
] as const;
const BATCH = 6; // fewer than the frames that a ring of 60/s keeps for readers under 'every'
const WARMUP_BATCHES = 10;
const FIRST_BYTE = 7;

class Measured {
  readonly rounds: Summary[] = [];
  readonly samplesNs: number[] = [];

  add(samples: readonly number[]): void {
    this.rounds.push(summarize(samples));
    this.samplesNs.push(...samples);
  }
}

interface Bench {
  readonly size: string;
  readonly bytes: number;
  readonly writer: NativeRingWriter;
  readonly picture: Uint8Array;
  readonly camera: RingReader;
  readonly view: Measured;
  readonly afterCopying: Measured;
  readonly copy: Measured;
}

/** The question. */
export const viewCost: Question = {
  name: 'view-cost',
  title: 'What a frame costs its reader, by frame size',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const root = await mkdtemp('/dev/shm/cs-bench-');
  const before = process.env.CAMSTREAM_RING_ROOT;
  process.env.CAMSTREAM_RING_ROOT = root;
  const benches: Bench[] = [];
  try {
    for (const [width, height] of SIZES) benches.push(await open(root, width, height));
    const batches = Math.ceil(settings.frames / (BATCH - 1));
    for (let round = 0; round < settings.rounds; round++) {
      settings.log(`view-cost: round ${round + 1} of ${settings.rounds}`);
      for (const bench of benches) await measure(bench, batches);
    }
  } finally {
    for (const { camera, writer } of benches) {
      camera.close();
      writer.close();
    }
    if (before === undefined) delete process.env.CAMSTREAM_RING_ROOT;
    else process.env.CAMSTREAM_RING_ROOT = before;
    await rm(root, { recursive: true, force: true });
  }
  return toAnswer(benches);
}

async function open(root: string, width: number, height: number): Promise<Bench> {
  const size = `${width}x${height}`;
  const writer = loadCameraAddon().createRing(
    {
      root,
      name: size,
      readers: 1,
      hold: 2,
      localLeases: 0,
      leaseTimeoutMs: 5000,
      group: '',
      systemModes: false,
    },
    { format: 'yuyv', width, height, rate: 60 },
  );
  const bytes = width * height * 2;
  const camera = await connect(size, { timeoutMs: 10_000 });
  const [view, afterCopying, copy] = [new Measured(), new Measured(), new Measured()];
  const picture = new Uint8Array(bytes).fill(FIRST_BYTE);
  return { size, bytes, writer, picture, camera, view, afterCopying, copy };
}

async function measure(bench: Bench, batches: number): Promise<void> {
  const frames = bench.camera.frames('every');
  publish(bench, 1); // a loop begins with the newest frame
  await frames.next();
  const [first, others, copies]: number[][] = [[], [], []];
  for (let batch = 0; batch < batches + WARMUP_BATCHES; batch++) {
    const counts = batch >= WARMUP_BATCHES;
    publish(bench, BATCH);
    for (let frame = 0; frame < BATCH; frame++) {
      const tookNs = await timeOne(frames, false);
      if (counts) (frame === 0 ? first : others)?.push(tookNs);
    }
    publish(bench, 1);
    const tookNs = await timeOne(frames, true);
    if (counts) copies?.push(tookNs);
  }
  await frames.return();
  bench.view.add(others ?? []);
  bench.afterCopying.add(first ?? []);
  bench.copy.add(copies ?? []);
}

function publish({ writer, picture }: Bench, count: number): void {
  for (let frame = 0; frame < count; frame++) writer.publish(picture);
}

async function timeOne(frames: FrameStream, copy: boolean): Promise<number> {
  const start = nowNs();
  const { value: frame } = await frames.next();
  if (frame === undefined) throw new Error('the ring ended');
  const bytes = copy ? frame.copy() : frame.data;
  const firstByte = bytes[0];
  frame.release();
  const tookNs = Number(nowNs() - start);
  if (firstByte !== FIRST_BYTE) throw new Error(`wanted ${FIRST_BYTE} as the first byte, found ${firstByte}`);
  return tookNs;
}

function toAnswer(benches: readonly Bench[]): Answer {
  const base = medianOfRounds((benches[0] as Bench).view.rounds).p50;
  const columns = [
    ...['p50 µs', 'p90 µs', 'p99 µs', 'p50 / smallest', 'n', 'caches cold, p50 µs', 'with copy(), p50 µs'],
  ].map(numeric);
  const rows = benches.map(({ size, bytes, view, afterCopying, copy }) => {
    const { n, p50, p90, p99 } = medianOfRounds(view.rounds);
    return [
      size,
      (bytes / 1e6).toFixed(1),
      ...[p50, p90, p99].map(micros),
      times(p50 / base),
      String(n),
      micros(medianOfRounds(afterCopying.rounds).p50),
      micros(medianOfRounds(copy.rounds).p50),
    ];
  });
  const panel = (title: string, kind: Distribution['kind'], of: 'view' | 'afterCopying' | 'copy') => ({
    title,
    rows: benches.map((bench) => ({ label: bench.size, kind, quantiles: quantiles(bench[of].samplesNs) })),
  });
  return {
    report: table([{ title: 'YUYV' }, numeric('MB'), ...columns], rows),
    charts: {
      'view-cost': {
        title: 'Taking a frame, a look at it, giving it back',
        panels: [
          panel('the frame in place', 'ours', 'view'),
          panel('the same right after six pictures were copied: caches cold', 'ours', 'afterCopying'),
          panel('with frame.copy()', 'rival', 'copy'),
        ],
      },
    },
    data: benches.map(({ size, bytes, view, afterCopying, copy }) => ({
      size,
      bytes,
      view: toData(view),
      afterCopying: toData(afterCopying),
      copy: toData(copy),
    })),
    skipped: {},
  };
}

function toData({ rounds, samplesNs }: Measured): unknown {
  return { rounds, quantilesNs: quantiles(samplesNs) };
}
