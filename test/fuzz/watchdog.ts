import { Worker } from 'node:worker_threads';

const watch = `
  const { writeFileSync, mkdirSync } = require('node:fs');
  const { workerData: { shared, head, folder, hangMs } } = require('node:worker_threads');
  const state = new Int32Array(shared, 0, 2);
  let before = -1;
  setInterval(() => {
    const run = Atomics.load(state, 0);
    if (run !== before) { before = run; return; }
    const input = new Uint8Array(shared, head, Atomics.load(state, 1));
    mkdirSync(folder, { recursive: true });
    writeFileSync(folder + '/hang', input);
    console.error('an input hangs: ' + folder + '/hang');
    process.kill(process.pid, 'SIGKILL');
  }, hangMs);
`;

const headBytes = 8;

/** Ends the process if one input takes too long, and leaves that input behind as a file. */
export class Watchdog {
  private readonly state: Int32Array;
  private readonly input: Uint8Array;
  private readonly worker: Worker;

  constructor(folder: string, mostBytes: number, hangMs: number) {
    const shared = new SharedArrayBuffer(headBytes + mostBytes);
    this.state = new Int32Array(shared, 0, 2);
    this.input = new Uint8Array(shared, headBytes);
    const workerData = { shared, head: headBytes, folder, hangMs };
    this.worker = new Worker(watch, { eval: true, workerData });
    this.worker.unref();
  }

  /** A run begins. */
  begin(input: Buffer): void {
    const { length } = this.input;
    this.input.set(input.length > length ? input.subarray(0, length) : input);
    Atomics.store(this.state, 1, Math.min(length, input.length));
    Atomics.add(this.state, 0, 1);
  }

  close(): void {
    void this.worker.terminate();
  }
}
