/**
 * Question 12: what the latency modes give: delay, stalls and drops of `high` (1080p30, 6 Mbit/s) over RTSP
 * by UDP and TCP, without loss and with 2 % of the packets lost.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { LossyNetwork } from './harness/lossy-network.js';
import { ParticipantProcess } from './harness/participant-process.js';
import { compiled } from './harness/paths.js';
import { watchCpu } from './harness/process-cpu.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { median, percentile, sorted } from './harness/statistics.js';
import { numeric, percent, table } from './harness/table.js';
import { within } from './harness/video-service.js';
import { type RunningService, startService } from './ours/video-service.js';
import { Unavailable } from './rivals/setup.js';

const MODES = ['low', 'balanced', 'smooth'] as const;
const LOSSES = [0, 2] as const;
const TRANSPORTS = ['udp', 'tcp'] as const;
const RATE = 30;
/** A picture that lets people see that nothing moves: three frame times. */
const STALL_MS = 100;

interface Turn {
  readonly delaysMs: readonly number[];
  /** Gaps longer than STALL_MS between pictures that can be shown, a minute. */
  readonly stalls: number;
  readonly longestMs: number;
  /** Pictures that were never shown, as share of those that should have been. */
  readonly dropped: number;
  readonly kbps: number;
  readonly ffmpegCpu: number;
}

interface Row {
  readonly mode: (typeof MODES)[number];
  readonly loss: (typeof LOSSES)[number];
  readonly transport: (typeof TRANSPORTS)[number];
  readonly turns: Turn[];
}

/** The question. */
export const latencyModes: Question = {
  name: 'latency-modes',
  title: 'Latency modes: delay, stalls and drops, RTSP, 1080p30 H.264 of 6 Mbit/s',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const rows = MODES.flatMap((mode) =>
    TRANSPORTS.flatMap((transport) => LOSSES.map((loss): Row => ({ mode, loss, transport, turns: [] }))),
  );
  let network: LossyNetwork;
  try {
    network = new LossyNetwork();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { report: '', charts: {}, data: [], skipped: { 'lossy network': error.message } };
  }
  try {
    for (let round = 0; round < settings.rounds; round++) {
      for (const mode of MODES) {
        settings.log(`latency-modes: round ${round + 1} of ${settings.rounds}, ${mode}`);
        await takeTurns(
          rows.filter((row) => row.mode === mode),
          network,
          settings,
        );
      }
    }
  } finally {
    network.close();
  }
  return { report: `${report(rows)}\n\n${NOTE}`, charts: {}, data: rows, skipped: {} };
}

async function takeTurns(rows: readonly Row[], network: LossyNetwork, settings: Settings): Promise<void> {
  const folder = mkdtempSync('/dev/shm/cs-bench-');
  const [{ mode }] = rows as [Row];
  const streams = `{ high: { latency: ${mode} } }`;
  const running = await startService(folder, { streams, namespace: network.name });
  try {
    for (const row of rows) row.turns.push(await watch(row, running, network, settings));
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watch(
  { transport, loss }: Row,
  running: RunningService,
  network: LossyNetwork,
  { frames, rate }: Settings,
): Promise<Turn> {
  const address = running.addresses.high;
  if (address?.kind !== 'rtsp') throw new Error('no RTSP stream high');
  network.lose(0, 0); // it joins in peace
  const seconds = frames / rate;
  const command = within(network.name, { file: process.execPath, args: [compiled('viewers/arrivals')] });
  const viewer = new ParticipantProcess('viewer', command, [address.url, transport, `${seconds + 3}`]);
  try {
    await viewer.ready();
    viewer.go();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    network.lose(loss, Number(new URL(address.url).port));
    const used = watchCpu(running.pids);
    const lines = await viewer.output(seconds * 1000 + 60_000);
    return toTurn(lines, seconds, used().programs.ffmpeg ?? 0);
  } finally {
    await viewer.stop();
  }
}

/** What came in the last `seconds`, by the viewer's clock. */
function toTurn(lines: readonly string[], seconds: number, ffmpegCpu: number): Turn {
  const rows = lines.map((line) => line.split(' '));
  const pictures = rows
    .filter(([kind]) => kind === 'a')
    .map(([, , at, captured, , bytes]) => ({
      atMs: Number(at) / 1e6,
      capturedMs: Number(captured) / 1e6,
      bytes: Number(bytes),
    }));
  const ended = Number(rows.find(([kind]) => kind === 'ended')?.[1]) / 1e6;
  const counted = pictures.filter(({ atMs }) => atMs > ended - seconds * 1000);
  const times = [ended - seconds * 1000, ...counted.map(({ atMs }) => atMs), ended];
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  return {
    delaysMs: counted.map(({ atMs, capturedMs }) => atMs - capturedMs),
    stalls: (gaps.filter((gap) => gap > STALL_MS).length / seconds) * 60,
    longestMs: Math.max(...gaps),
    dropped: Math.max(0, 1 - counted.length / (seconds * RATE)),
    kbps: counted.reduce((sum, { bytes }) => sum + bytes, 0) / 125 / seconds,
    ffmpegCpu,
  };
}

function report(rows: readonly Row[]): string {
  const columns = [
    { title: 'mode' },
    { title: 'by' },
    ...['loss', 'delay, p50 ms', 'p95', 'p99', 'stalls a minute', 'longest ms', 'dropped', 'ffmpeg'].map(
      numeric,
    ),
  ];
  return table(
    columns,
    rows.map(({ mode, transport, loss, turns }) => {
      const delays = sorted(turns.flatMap(({ delaysMs }) => delaysMs));
      const delay = (p: number): string => (delays.length === 0 ? '' : percentile(delays, p).toFixed(1));
      const middle = (pick: (turn: Turn) => number): number => median(turns.map(pick));
      return [
        mode,
        transport.toUpperCase(),
        `${loss} %`,
        ...[delay(0.5), delay(0.95), delay(0.99)],
        middle(({ stalls }) => stalls).toFixed(0),
        Math.max(...turns.map(({ longestMs }) => longestMs)).toFixed(0),
        percent(middle(({ dropped }) => dropped)),
        percent(middle(({ ffmpegCpu }) => ffmpegCpu)),
      ];
    }),
  );
}

const NOTE =
  'Delay: from capture (by sender reports) until all packets of a picture are there that can be ' +
  `decoded: not one of its key frame group is missing. Stall: more than ${STALL_MS} ms without such a ` +
  'picture. Dropped: pictures that never became one. Loss: so many of a hundred packets to the viewer, ' +
  'by nftables on the loopback of a network namespace with packets of 1500 bytes; the viewer has no ' +
  'jitter buffer and asks for nothing again.';
