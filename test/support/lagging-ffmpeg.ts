import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { StandInFfmpeg } from './stand-in-ffmpeg.js';

/** A program of ffmpeg's name that is ffmpeg, until it is told to fall behind. */
export class LaggingFfmpeg {
  /** To come first in a service's PATH. */
  readonly folder: string;
  private readonly order: string;

  private constructor(t: Test) {
    const standIn = StandInFfmpeg.absent(t);
    this.folder = dirname(standIn.program);
    this.order = join(this.folder, 'fall-behind');
    standIn.write(script(execFileSync('which', ['ffmpeg']).toString().trim(), this.order));
  }

  static write(t: Test): LaggingFfmpeg {
    return new LaggingFfmpeg(t);
  }

  /** The one that encodes gives its pictures later and later, up to 2.5 s; the next does not. */
  fallBehind(): void {
    writeFileSync(this.order, '');
  }
}

const script = (ffmpeg: string, order: string) => `
case " $* " in
  *" pipe:0 "*) "${ffmpeg}" "$@" | exec '${process.execPath}' -e '${relay(order)}' ;;
  *) exec "${ffmpeg}" "$@" ;;
esac`;

// Half as fast as time goes, so that pictures keep coming; each in its turn.
const relay = (order: string) => `
const { existsSync, unlinkSync } = require("node:fs");
const waiting = [];
let since;
process.stdin.on("data", (data) => {
  const now = performance.now();
  if (since === undefined && existsSync("${order}")) {
    unlinkSync("${order}");
    since = now;
  }
  const lateMs = since === undefined ? 0 : Math.min(2500, (now - since) / 2);
  waiting.push({ data, at: now + lateMs });
  if (waiting.length === 1) pass();
});
function pass() {
  const now = performance.now();
  while (waiting.length > 0 && waiting[0].at <= now) process.stdout.write(waiting.shift().data);
  if (waiting.length > 0) setTimeout(pass, waiting[0].at - now);
}`;
