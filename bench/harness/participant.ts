/**
 * The side of a participant, for those written in TypeScript: its arguments, its pacing and what a reader
 * records and prints. The protocol is described in trial.ts.
 */

/** What a participant was asked to do. */
export interface ParticipantArguments {
  readonly role: 'writer' | 'reader';
  /** A path below /dev/shm that is this trial's own. */
  readonly address: string;
  readonly bytes: number;
  readonly rate: number;
  readonly last: number;
  readonly readers: number;
  readonly index: number;
  readonly touch: 'none' | 'ends' | 'all';
}

/** Parses `writer|reader ADDRESS BYTES RATE LAST READERS INDEX TOUCH`. */
export function parseArguments(argv: readonly string[] = process.argv.slice(2)): ParticipantArguments {
  const [role, address, bytes, rate, last, readers, index, touch] = argv;
  if ((role !== 'writer' && role !== 'reader') || address === undefined || touch === undefined) {
    throw new Error('usage: writer|reader ADDRESS BYTES RATE LAST READERS INDEX none|ends|all');
  }
  return {
    role,
    address,
    bytes: Number(bytes),
    rate: Number(rate),
    last: Number(last),
    readers: Number(readers),
    index: Number(index),
    touch: touch as ParticipantArguments['touch'],
  };
}

/** Prints one line of the protocol. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** CLOCK_MONOTONIC. */
export function nowNs(): bigint {
  return process.hrtime.bigint();
}

/** Frames that a writer sends after the last one that counts: readers end at the first of them. */
export const TAIL_FRAMES = 30;

/** A picture in the writer's own memory. */
export class Picture {
  readonly bytes: Buffer;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size, 0x80);
  }

  /** Writes the sequence at both ends and, behind the first one, the time of handing over. */
  stamp(sequence: number): void {
    this.bytes.writeBigUInt64LE(BigInt(sequence), 0);
    this.bytes.writeBigUInt64LE(nowNs(), 8);
    this.bytes.writeBigUInt64LE(0n, 16);
    this.bytes.writeBigUInt64LE(BigInt(sequence), this.bytes.length - 8);
  }
}

/** Resolves when the harness says so: all readers are ready. */
export async function waitForGo(): Promise<void> {
  await new Promise<void>((resolve) => process.stdin.once('data', () => resolve()));
  process.stdin.pause();
}

/** Calls `publish` for every frame, by absolute time, with the event loop running in between. */
export async function paced(args: ParticipantArguments, publish: (sequence: number) => void): Promise<void> {
  const start = performance.now();
  for (let sequence = 1; sequence <= args.last + TAIL_FRAMES; sequence++) {
    const wait = start + (sequence * 1000) / args.rate - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
    publish(sequence);
  }
}

/** The same with the thread asleep in between: for writers that need no event loop. */
export function pacedBlocking(args: ParticipantArguments, publish: (sequence: number) => void): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const start = performance.now();
  for (let sequence = 1; sequence <= args.last + TAIL_FRAMES; sequence++) {
    const wait = start + (sequence * 1000) / args.rate - performance.now();
    if (wait > 0) Atomics.wait(never, 0, 0, wait);
    publish(sequence);
  }
}

/** What a reader saw. */
export class Recorder {
  readonly #last: number;
  readonly #rows: Float64Array;
  #count = 0;
  #torn = 0;
  #beganNs: bigint | undefined;
  #cpu: NodeJS.CpuUsage | undefined;

  constructor(last: number) {
    this.#last = last;
    this.#rows = new Float64Array(3 * (last + 1));
  }

  /**
   * The picture is in hand: looks at its first and last bytes, then at the clock. `publishedNs` is when the
   * picture became visible, where the transport tells; otherwise the time of handing over counts. False: all
   * frames that count have been seen.
   */
  frame(picture: Uint8Array, publishedNs?: bigint): boolean {
    const first = picture[0];
    const last = picture[picture.length - 1];
    const now = nowNs();
    if (first === undefined || last === undefined) throw new Error('a frame without bytes');
    const sequence = Number(wordAt(picture, 0));
    const handoverNs = wordAt(picture, 8);
    const tail = Number(wordAt(picture, picture.length - 8));
    if (sequence > this.#last) {
      this.begin(now);
      return false;
    }
    if (tail !== sequence) this.#torn++;
    this.#add(sequence, Number(now - (publishedNs ?? handoverNs)), Number(now - handoverNs), now);
    return true;
  }

  /** The same without a look at the picture. */
  untouched(sequence: number, publishedNs: bigint): boolean {
    const now = nowNs();
    const latencyNs = Number(now - publishedNs);
    this.#add(sequence, latencyNs, latencyNs, now);
    return sequence <= this.#last;
  }

  /** Starts the measurement of CPU time, at the first frame or before. */
  begin(now: bigint = nowNs()): void {
    if (this.#beganNs !== undefined) return;
    this.#beganNs = now;
    this.#cpu = process.cpuUsage();
  }

  /** Prints everything; the reader may end afterwards. */
  print(): void {
    const cpu = process.cpuUsage(this.#cpu);
    const lines = [`cpu ${cpu.user} ${cpu.system} ${(nowNs() - (this.#beganNs ?? 0n)) / 1000n}`];
    for (let row = 0; row < 3 * this.#count; row += 3) {
      lines.push(`f ${this.#rows[row]} ${this.#rows[row + 1]} ${this.#rows[row + 2]}`);
    }
    say([...lines, `torn ${this.#torn}`, 'end'].join('\n'));
  }

  #add(sequence: number, sincePublishNs: number, sinceHandoverNs: number, now: bigint): void {
    this.begin(now);
    if (sequence > this.#last || this.#count > this.#last) return;
    this.#rows.set([sequence, sincePublishNs, sinceHandoverNs], 3 * this.#count++);
  }
}

/** Reads one byte of every cache line, as somebody who looks at the whole picture would. */
export function touchLines(picture: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < picture.length; at += 64) sum += picture[at] as number;
  return sum;
}

// Little-endian, byte by byte: asking a frame's bytes for their `buffer` has a meaning of its own (it hands
// the memory out, see docs/consumer.md) and would be measured too.
function wordAt(bytes: Uint8Array, at: number): bigint {
  return (BigInt(quarterAt(bytes, at + 4)) << 32n) | BigInt(quarterAt(bytes, at));
}

function quarterAt(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}
