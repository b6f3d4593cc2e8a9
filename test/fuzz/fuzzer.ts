import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { takeCoverage } from './code-coverage.js';
import { mutated, randomFrom } from './mutations.js';
import { Watchdog } from './watchdog.js';

// A coverage-guided fuzzer: V8's block coverage says which inputs reach something new, and those are changed
// further. (Jazzer.js would do the same; its binary wants a newer libc than Debian 12 has.)

/** What is fed with bytes. */
export interface FuzzTarget {
  /** Of its folder in test/fuzz/corpus. */
  readonly name: string;
  /** Throws what must not be. */
  run(input: Buffer): void | Promise<void>;
  readonly seeds: readonly Buffer[];
  /** Of the format, to be strewn in. */
  readonly words: readonly string[];
  /** A part of the URLs of the scripts that are to be covered. */
  readonly scripts: string;
  readonly mostBytes?: number;
}

/** How it went. */
export interface FuzzReport {
  readonly target: string;
  readonly seconds: number;
  readonly runs: number;
  readonly longestBytes: number;
  /** Inputs that were changed further, at the end. */
  readonly corpus: number;
  readonly blocks: number;
  /** Processor time of one run. */
  readonly slowestMs: number;
  /** Of the heap, after collecting garbage: at the end more than after the first third. */
  readonly grownBytes: number;
  /** All of it for people. */
  readonly text: string;
}

/** Asking V8 takes long: runs between two questions take this many times as long. */
const runsPerQuestion = 4;
const hangMs = 10_000;

/**
 * Runs the corpus, then changes of it for so many seconds. An input that throws is written to the corpus as
 * `crash-...`, one that hangs as `hang`. With CAMSTREAM_FUZZ_KEEP=1 so are those that reach something new.
 */
export async function fuzz(target: FuzzTarget, seconds: number): Promise<FuzzReport> {
  const fuzzer = new Fuzzer(target, Number(process.env.CAMSTREAM_FUZZ_SEED ?? Date.now() % 2 ** 31));
  try {
    return await fuzzer.work(seconds);
  } finally {
    fuzzer.close();
  }
}

class Fuzzer {
  private readonly folder: string;
  private readonly watchdog: Watchdog;
  private readonly corpus: Buffer[];
  private readonly seen = new Set<string>();
  private runs = 0;
  private longestBytes = 0;
  private slowestMs = 0;
  private questionMs = 0;

  constructor(
    private readonly target: FuzzTarget,
    private readonly seed: number,
  ) {
    this.folder = resolve(import.meta.dirname, '../../fuzz/corpus', target.name);
    this.corpus = [...target.seeds, ...filesOf(this.folder)];
    this.watchdog = new Watchdog(this.folder, this.mostBytes, hangMs);
  }

  async work(seconds: number): Promise<FuzzReport> {
    this.take(); // What others have reached.
    for (const input of this.corpus) await this.run(input);
    this.note(this.take());
    const random = randomFrom(this.seed);
    const any = () => this.corpus[random(this.corpus.length)] ?? Buffer.alloc(0);
    // Mostly the shorter of two: ten thousand bytes take as long as a hundred inputs.
    const next = () => {
      const [one, other] = [any(), any()];
      return random(8) > 0 && other.length < one.length ? other : one;
    };
    const { words } = this.target;
    const beginMs = performance.now();
    let warmBytes: number | undefined;
    for (let spent = 0; spent < seconds; spent = (performance.now() - beginMs) / 1000) {
      if (spent > seconds / 3) warmBytes ??= liveBytes();
      const inputs: Buffer[] = [];
      const untilMs = performance.now() + this.questionMs * runsPerQuestion;
      while (inputs.length < 64 || (performance.now() < untilMs && inputs.length < 20_000)) {
        const input = mutated(next(), random, this.corpus, words, this.mostBytes);
        inputs.push(input);
        await this.run(input);
      }
      const fresh = this.note(this.take());
      if (fresh.size > 0) await this.keepNew(inputs, fresh);
      inputs.length = 0; // Or the last ones count as kept.
      // What runs behind an await gets its turn; and async_hooks hear of what was collected, which tap keeps
      // a record of until then.
      await setImmediate();
    }
    return this.report(seconds, liveBytes() - (warmBytes ?? 0));
  }

  close(): void {
    this.watchdog.close();
  }

  private get mostBytes(): number {
    return this.target.mostBytes ?? 4096;
  }

  private async run(input: Buffer): Promise<void> {
    this.watchdog.begin(input);
    const begin = process.cpuUsage();
    try {
      await this.target.run(input);
    } catch (error) {
      const path = this.write(input, 'crash-');
      throw new Error(`${this.target.name} (seed ${this.seed}): ${path} throws`, { cause: error });
    }
    const { user, system } = process.cpuUsage(begin);
    this.slowestMs = Math.max(this.slowestMs, (user + system) / 1000);
    this.longestBytes = Math.max(this.longestBytes, input.length);
    ++this.runs;
  }

  /** What of these blocks is new. */
  private note(blocks: ReadonlySet<string>): Set<string> {
    const fresh = new Set([...blocks].filter((block) => !this.seen.has(block)));
    for (const block of fresh) this.seen.add(block);
    return fresh;
  }

  /** Finds out which of the inputs it was, by halves. */
  private async keepNew(inputs: readonly Buffer[], fresh: ReadonlySet<string>): Promise<void> {
    const middle = inputs.length >> 1;
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      if (half.length === 0) continue;
      for (const input of half) await this.run(input);
      const reached = new Set([...this.take()].filter((block) => fresh.has(block)));
      if (reached.size === 0) continue;
      if (half.length > 1) {
        return this.keepNew(half, reached);
      }
      this.corpus.push(...half);
      if (process.env.CAMSTREAM_FUZZ_KEEP === '1') for (const input of half) this.write(input, '');
      return;
    }
  }

  private take(): Set<string> {
    const begin = performance.now();
    const blocks = takeCoverage(this.target.scripts);
    this.questionMs = performance.now() - begin;
    return blocks;
  }

  private write(input: Buffer, prefix: string): string {
    mkdirSync(this.folder, { recursive: true });
    const path = join(this.folder, `${prefix}${createHash('sha1').update(input).digest('hex').slice(0, 12)}`);
    writeFileSync(path, input);
    return path;
  }

  private report(seconds: number, grownBytes: number): FuzzReport {
    const { runs, longestBytes, slowestMs } = this;
    const blocks = this.seen.size;
    const target = this.target.name;
    const corpus = this.corpus.length;
    const text =
      `${target}: ${runs} runs (seed ${this.seed}), corpus of ${corpus}, ` +
      `${blocks} blocks reached, slowest ${slowestMs.toFixed(1)} ms, ` +
      `heap ${(grownBytes / 1e6).toFixed(1)} MB more`;
    return { target, seconds, runs, longestBytes, corpus, blocks, slowestMs, grownBytes, text };
  }
}

function filesOf(folder: string): Buffer[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function liveBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
