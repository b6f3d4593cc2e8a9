import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Test } from 'tap';

const program = resolve(import.meta.dirname, '../../../packages/producer/bin/camstream-producer.mjs');

/** The default streams on ports of the kernel's choice, from the test picture. */
export const testConfig = `
cameras: { main: { source: test } }
streams:
  medium: { port: 0 }
  low: { port: 0 }
server: { httpPort: 0, rtspPort: 0 }
`;

export interface ServiceOptions {
  /** YAML; testConfig if not given. */
  readonly config?: string;
  /** Another service's root, to start a second one on its rings. */
  readonly ringRoot?: string;
  /** Runs the program by another one: ['unshare', '-m', ...]. */
  readonly wrapper?: readonly string[];
}

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** What a service that did not come up has said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** camstream-producer as a child process. */
export class Service {
  private readonly exited: Promise<Ending>;
  private stderr = '';
  private readonly lines: LogLine[] = [];

  private constructor(
    readonly child: ChildProcess,
    readonly ringRoot: string,
  ) {
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      const complete = (rest + text).split('\n');
      rest = complete.pop() ?? '';
      for (const line of complete) if (line.startsWith('{')) this.lines.push(JSON.parse(line));
    });
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal, stderr: this.stderr }));
  }

  /** Starts it and waits until it runs. Rings, configuration and process are gone after the test. */
  static async start(t: Test, options: ServiceOptions = {}): Promise<Service> {
    const service = Service.spawn(t, options);
    const running = service.line('running');
    const ending = await Promise.race([running.then(() => undefined), service.exited]);
    if (ending) throw new Error(`the service ended with ${ending.code ?? ending.signal}: ${ending.stderr}`);
    return service;
  }

  /** Starts it where it should not come up. */
  static fail(t: Test, options: ServiceOptions = {}): Promise<Ending> {
    return Service.spawn(t, options).exited;
  }

  /** The URLs of a stream, its own port's first. */
  urls(stream: string): [own: string, mjpeg: string, snapshot: string] {
    const running = this.lines.find(({ msg }) => msg === 'running');
    const streams = running?.streams as { name: string; urls: [string, string, string] }[];
    const found = streams.find(({ name }) => name === stream);
    if (!found) throw new Error(`no stream ${stream}: ${JSON.stringify(streams)}`);
    return found.urls;
  }

  /** The stream's URL of RTSP. */
  rtspUrl(stream: string): string {
    const found = this.urls(stream).find((url) => url.startsWith('rtsp:'));
    if (found === undefined) throw new Error(`stream ${stream} has no URL of RTSP`);
    return found;
  }

  /** The service's URL of `path` on the common port. */
  url(path: string): string {
    return new URL(path, this.urls('low')[1]).href;
  }

  /** Log lines with this message so far. */
  logged(message: string): readonly LogLine[] {
    return this.lines.filter(({ msg }) => msg === message);
  }

  /** Log lines of some kind so far. */
  linesWhere(condition: (line: LogLine) => boolean): readonly LogLine[] {
    return this.lines.filter(condition);
  }

  /** Waits for a log line. */
  async line(message: string): Promise<void> {
    await this.until((lines) => lines.some(({ msg }) => msg === message));
  }

  /** Waits for a log line whose sentence is such a one. */
  async says(sentence: RegExp): Promise<void> {
    await this.until((lines) => lines.some(({ msg }) => sentence.test(String(msg))));
  }

  /** Waits until the log is as wanted. */
  async until(condition: (lines: readonly LogLine[]) => boolean): Promise<void> {
    while (!condition(this.lines)) await once(this.child.stderr as NodeJS.ReadableStream, 'data');
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  ending(): Promise<Ending> {
    return this.exited;
  }

  stop(): Promise<Ending> {
    this.kill('SIGTERM');
    return this.exited;
  }

  private static spawn(t: Test, { config, ringRoot: existing, wrapper = [] }: ServiceOptions): Service {
    const ringRoot = existing ?? mkdtempSync(`/dev/shm/camstream-test-${process.pid}-`);
    const folder = mkdtempSync(join(tmpdir(), 'camstream-test-'));
    const file = join(folder, 'camstream.yaml');
    writeFileSync(file, config ?? testConfig);
    const options = ['--config', file, '--ring-root', ringRoot, '--log-format', 'json'];
    const [command, ...args] = [...wrapper, process.execPath, program, 'run', ...options] as [
      string,
      ...string[],
    ];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const service = new Service(child, ringRoot);
    t.teardown(async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await service.exited;
      for (const used of existing === undefined ? [folder, ringRoot] : [folder])
        rmSync(used, { recursive: true, force: true });
    });
    return service;
  }
}
