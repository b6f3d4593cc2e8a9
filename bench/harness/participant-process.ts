/** A process that takes part in a trial; the lines it speaks are described in trial.ts. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a participant is started; the harness appends its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One running participant. */
export class ParticipantProcess {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  #errors = '';
  #ended = false;
  #changed: () => void = () => {};

  constructor(name: string, { file, args, env }: Command, more: readonly string[]) {
    this.#name = name;
    this.#child = spawn(file, [...args, ...more], { env: { ...process.env, ...env } });
    this.#child.stdin.on('error', () => {}); // it has ended already; its stderr tells why
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      this.#lines.push(line);
      this.#changed();
    });
    this.#child.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#child.on('close', () => {
      this.#ended = true;
      this.#changed();
    });
  }

  /** It waits for frames, or for readers. */
  async ready(): Promise<void> {
    await this.#until(() => this.#lines.includes('ready'), 60_000, 'get ready');
  }

  /** All readers are ready: the writer may begin. */
  go(): void {
    this.#child.stdin.write('go\n');
  }

  /** Everything it printed, once it has ended by itself. */
  async output(timeoutMs: number): Promise<readonly string[]> {
    await this.#until(() => this.#ended && this.#lines.includes('end'), timeoutMs, 'see the last frame');
    return this.#lines;
  }

  /** Asks it to end by closing its stdin, and ends it after three seconds. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    this.#child.stdin.end();
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    while (!this.#ended) await this.#change();
    clearTimeout(killer);
  }

  async #until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#changed();
    }, timeoutMs);
    while (!condition() && !this.#ended && !late) await this.#change();
    clearTimeout(timer);
    if (condition()) return;
    const when = this.#ended ? `before it ended (code ${this.#child.exitCode})` : `in ${timeoutMs} ms`;
    throw new Error(`${this.#name} did not ${what} ${when}. ${this.#errors.trim()}`);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}
