import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { CamstreamError } from '@camstream/core';
import { type AccessUnit, AccessUnits } from './access-units.js';

/** An ffmpeg that writes H.264 in FLV. */
export interface FfmpegOptions {
  /** Name in PATH, or a path. */
  readonly program: string;
  readonly arguments: readonly string[];
  /** Its standard input, which stays ours to close; undefined: none. */
  readonly input: number | undefined;
  readonly onUnit: (unit: AccessUnit) => void;
  /**
   * Once, when it is gone: undefined after a clean end or stop(). ENCODER_ENDED, ENCODER_OUTPUT,
   * ENCODER_SYSTEM.
   */
  readonly onEnd: (error: CamstreamError | undefined) => void;
}

/** The child; it dies with this process, also at kill -9. */
export class FfmpegProcess {
  private readonly child: ChildProcess;
  private readonly units = new AccessUnits();
  private complaints = '';
  private failure: CamstreamError | undefined;
  private stopped = false;
  private over = false;
  private readonly gone: Promise<void>;

  /** Throws FFMPEG_MISSING. */
  static start(options: FfmpegOptions): FfmpegProcess {
    return new FfmpegProcess(options, programPath(options.program));
  }

  private constructor(
    private readonly options: FfmpegOptions,
    path: string,
  ) {
    const command = ['--pdeathsig', 'KILL', path, ...options.arguments];
    // A process group of its own: Ctrl-C at a terminal is for us, who then end it.
    this.child = spawn('setpriv', command, {
      stdio: [options.input ?? 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.child.stdout?.on('data', (chunk: Buffer) => this.read(chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.hear(chunk.toString('utf8')));
    this.gone = new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.end(
          new CamstreamError('ENCODER_SYSTEM', `setpriv (of util-linux) cannot be run: ${error.message}`),
        );
        resolve();
      });
      this.child.once('close', (code, signal) => {
        this.end(this.failure ?? this.endingOf(code, signal));
        resolve();
      });
    });
  }

  /** Undefined if it could not be started at all. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends it at once; resolves when it is gone. May be called twice. */
  stop(): Promise<void> {
    this.stopped = true;
    this.child.kill('SIGKILL');
    return this.gone;
  }

  private read(chunk: Buffer): void {
    if (this.stopped) return;
    try {
      for (const unit of this.units.push(chunk)) {
        this.complaints = ''; // What it has got over is not why it ends.
        if (!this.stopped) this.options.onUnit(unit);
      }
    } catch (error) {
      if (!(error instanceof CamstreamError)) throw error;
      this.failure = error;
      this.stopped = true; // what follows is garbage, too
      this.child.kill('SIGKILL');
    }
  }

  private hear(text: string): void {
    this.complaints = (this.complaints + text).slice(-keptComplaints);
  }

  private endingOf(code: number | null, signal: NodeJS.Signals | null): CamstreamError | undefined {
    if (this.stopped || code === 0) return undefined;
    const how = signal === null ? `exit status ${code}` : signal;
    // The first complaint is the cause, the others what follows from it.
    const [words = ''] = this.complaints
      .trim()
      .replace(/ @ 0x[0-9a-f]+/g, '')
      .split('\n');
    return new CamstreamError('ENCODER_ENDED', `ffmpeg ended with ${how}${words === '' ? '' : `: ${words}`}`);
  }

  private end(error: CamstreamError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.options.onEnd(error);
  }
}

const keptComplaints = 4000;

/** Where the program is. Throws FFMPEG_MISSING. */
export function programPath(program: string): string {
  const candidates = isAbsolute(program)
    ? [program]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  throw new CamstreamError(
    'FFMPEG_MISSING',
    `the program \`${program}\` was not found in PATH. H.264 streams need it: apt-get install ffmpeg`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // Not there, or not ours to run: the next folder.
  }
}
