import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = fileURLToPath(new URL('../../../native', import.meta.url));
const program = join(native, 'build/test/crash/crash_producer');

/** Builds the producer with crash points; quick when it is there. */
export function buildCrashProducer(): void {
  const make = spawnSync('make', ['-s', '-C', join(native, 'test'), 'stress-build'], { encoding: 'utf8' });
  if (make.status !== 0) throw new Error(`make stress-build: ${make.stdout}${make.stderr}`);
}

/** A C++ producer of numbered frames in the ring `camera` below `root`, to be killed. */
export class CrashProducer {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #first: Promise<bigint>;

  /** `crashAt` as in CAMSTREAM_CRASH_AT: name:count. */
  constructor(root: string, crashAt = '') {
    this.#child = spawn(program, [root], {
      env: { ...process.env, CAMSTREAM_CRASH_AT: crashAt },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#ended = once(this.#child, 'exit');
    this.#first = new Promise((resolve) => {
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        const found = /first (\d+)/.exec(text);
        if (found?.[1]) resolve(BigInt(found[1]));
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** When its first frame was out: CLOCK_MONOTONIC, ns. */
  firstFrameNs(): Promise<bigint> {
    return this.#first;
  }

  /** Resolves with the signal that ended it. */
  async ended(): Promise<NodeJS.Signals | null> {
    await this.#ended;
    return this.#child.signalCode;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
