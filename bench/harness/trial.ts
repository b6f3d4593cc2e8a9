/**
 * One trial: a contestant's writer and readers, each a process, with everybody's the same work.
 *
 * Every participant is started as `PROGRAM writer|reader ADDRESS BYTES RATE LAST READERS INDEX none|ends|all`
 * and speaks lines:
 *
 *   writer   "ready" once readers can come; waits for a line on stdin; hands pictures of BYTES bytes over at
 *            RATE a second, numbered from 1, LAST + 30 of them; then prints, if it can tell,
 *            "p NS"                   per frame: how long publishing took
 *            "end"                    and ends, at the latest at the end of stdin
 *   reader   "ready" once it waits for frames; ends at the first frame after LAST and prints
 *            "cpu USER SYSTEM WALL"   microseconds between its first frame and its end
 *            "f SEQUENCE NS NS"       per frame: time since publish, time since handing over
 *            "torn N"                 frames of which the first and the last bytes were of different frames
 *            "end"
 *
 * A picture begins with its number and the time of handing over (CLOCK_MONOTONIC) and ends with the number
 * again. A reader has a frame in hand when its code has read both.
 */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Command, ParticipantProcess } from './participant-process.js';

/** Something that carries pictures from one process to others. */
export interface Contestant {
  readonly name: string;
  /** One sentence: what it is and what it does for a frame. */
  readonly how: string;
  readonly ours?: boolean;
  readonly writer: Command;
  /** Undefined: the writer starts its readers itself and prints their lines, "reader INDEX" in front. */
  readonly reader?: Command;
  /** More readers than this make no sense (a spinning one needs a core). */
  readonly maxReaders?: number;
}

/** The work of one trial. */
export interface Work {
  readonly bytes: number;
  readonly rate: number;
  /** Frames at the start that do not count. */
  readonly warmup: number;
  /** Frames that count. */
  readonly frames: number;
  readonly readers: number;
  /** What a reader looks at; none: the writer does not even copy the picture in. */
  readonly touch: 'none' | 'ends' | 'all';
}

/** What one reader saw, without the warm-up. */
export interface ReaderResult {
  readonly sequences: readonly number[];
  readonly sincePublishNs: readonly number[];
  readonly sinceHandoverNs: readonly number[];
  readonly torn: number;
  /** Share of one core: user and system. */
  readonly cpuUser: number;
  readonly cpuSystem: number;
}

/** Runs one trial. Throws if a participant fails or does not end in time. */
export async function runTrial(contestant: Contestant, work: Work): Promise<readonly ReaderResult[]> {
  return (await runWhole(contestant, work, false)).readers;
}

/** Runs one trial and waits for the writer's end: how long it took to publish each frame that counts. */
export async function timePublishing(contestant: Contestant, work: Work): Promise<readonly number[]> {
  return (await runWhole(contestant, work, true)).publishNs;
}

interface Outcome {
  readonly readers: readonly ReaderResult[];
  readonly publishNs: readonly number[];
}

async function runWhole(contestant: Contestant, work: Work, toTheEnd: boolean): Promise<Outcome> {
  const folder = await mkdtemp('/dev/shm/cs-bench-');
  const last = work.warmup + work.frames;
  const participants: ParticipantProcess[] = [];
  const start = (command: Command, role: 'writer' | 'reader', index: number): ParticipantProcess => {
    const address = join(folder, `${basename(folder)}-f`);
    const numbers = [work.bytes, work.rate, last, work.readers, index].map(String);
    const name = `${contestant.name}, ${role} ${index}`;
    const participant = new ParticipantProcess(name, command, [role, address, ...numbers, work.touch]);
    participants.push(participant);
    return participant;
  };
  try {
    const writer = start(contestant.writer, 'writer', 0);
    await writer.ready();
    const command = contestant.reader;
    const readers = command
      ? Array.from({ length: work.readers }, (_, index) => start(command, 'reader', index))
      : [];
    await Promise.all(readers.map((reader) => reader.ready()));
    writer.go();
    const timeoutMs = 20_000 + (3_000 * (last + 1)) / work.rate;
    const outputs = await Promise.all((command ? readers : [writer]).map((each) => each.output(timeoutMs)));
    const publishing = toTheEnd ? publishTimes(await writer.output(timeoutMs)) : [];
    return {
      readers: outputs.flatMap(parse).map((report) => toResult(report, work)),
      publishNs: publishing.slice(work.warmup, last),
    };
  } finally {
    await Promise.all(participants.map((participant) => participant.stop()));
    await rm(folder, { recursive: true, force: true });
    await removeLeftovers(basename(folder));
  }
}

// iceoryx2 and Python name their segments after the address, beside it.
async function removeLeftovers(prefix: string): Promise<void> {
  for (const name of await readdir('/dev/shm')) {
    if (name.startsWith(prefix)) await rm(join('/dev/shm', name), { recursive: true, force: true });
  }
}

function publishTimes(lines: readonly string[]): number[] {
  return lines.filter((line) => line.startsWith('p ')).map((line) => Number(line.slice(2)));
}

interface Report {
  cpu: readonly number[];
  rows: number[][];
  torn: number;
}

function toResult({ cpu, rows, torn }: Report, { warmup, frames }: Work): ReaderResult {
  const counted = rows.filter(([sequence = 0]) => sequence > warmup && sequence <= warmup + frames);
  const column = (index: number): number[] => counted.map((row) => row[index] as number);
  const [user = 0, system = 0, wall = 1] = cpu;
  return {
    sequences: column(0),
    sincePublishNs: column(1),
    sinceHandoverNs: column(2),
    torn,
    cpuUser: user / wall,
    cpuSystem: system / wall,
  };
}

function parse(lines: readonly string[]): Report[] {
  const reports: Report[] = [];
  let report: Report | undefined;
  for (const line of lines) {
    const [kind, ...rest] = line.split(' ');
    if (kind === 'cpu') {
      report = { cpu: rest.map(Number), rows: [], torn: 0 };
      reports.push(report);
    } else if (kind === 'f') {
      report?.rows.push(rest.map(Number));
    } else if (kind === 'torn' && report) {
      report.torn = Number(rest[0]);
    }
  }
  return reports;
}
