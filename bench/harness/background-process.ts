/** A program that runs until it is told to end: a service, a rival, what feeds a rival. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Command } from './participant-process.js';

/** One running program; its output is kept for the case that it fails. */
export class BackgroundProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  #output = '';
  #seen: () => void = () => {};

  /** `stdin`: 'pipe' keeps an end of it open, for programs that end with it; or whose output it is. */
  constructor(name: string, { file, args, env }: Command, stdin: 'pipe' | 'ignore' | Readable = 'ignore') {
    this.#name = name;
    const first = typeof stdin === 'string' ? stdin : 'pipe';
    this.#child = spawn(file, args, { stdio: [first, 'pipe', 'pipe'], env: { ...process.env, ...env } });
    if (typeof stdin !== 'string' && this.#child.stdin) stdin.pipe(this.#child.stdin);
    this.#child.stdin?.on('error', () => {}); // it has ended; what it said is told by whoever waits for it
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    }
    this.#child.on('error', (error) => this.#hear(error.message));
    this.#child.on('exit', () => this.#seen());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The last 20,000 characters of stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** Waits until its output matches; throws if it ends before, or after `timeoutMs`. */
  async says(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#seen();
    }, timeoutMs);
    try {
      for (;;) {
        const found = pattern.exec(this.#output);
        if (found) return found;
        if (this.#ended || late) {
          const when = this.#ended
            ? `ended (${this.#child.exitCode ?? this.#child.signalCode})`
            : 'took too long';
          throw new Error(
            `${this.#name} ${when} before it said ${pattern}. ${this.#output.slice(-1500).trim()}`,
          );
        }
        await new Promise<void>((resolve) => {
          this.#seen = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Throws if it has ended: whoever measures it would measure nothing. */
  check(): void {
    if (this.#ended) throw new Error(`${this.#name} has ended. ${this.#output.slice(-1500).trim()}`);
  }

  /** SIGTERM, and SIGKILL five seconds later; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#ended || this.#child.pid === undefined) return;
    this.#child.stdin?.end();
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await once(this.#child, 'exit');
    clearTimeout(killer);
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }

  #hear(text: string): void {
    this.#output = (this.#output + text).slice(-20_000);
    this.#seen();
  }
}
