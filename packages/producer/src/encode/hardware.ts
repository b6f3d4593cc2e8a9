import { CamstreamError, hasErrorCode, type Log } from '@camstream/core';
import { parseSps } from '../codec/h264-parameters.js';
import { type H264EncoderName, h264Encoders } from '../config/h264-encoders.js';
import type { AccessUnit } from './access-units.js';
import { probeArguments } from './ffmpeg-arguments.js';
import { FfmpegProcess } from './ffmpeg-process.js';

/** What came of really encoding a few pictures. */
export interface ProbeResult {
  readonly encoder: H264EncoderName;
  readonly works: boolean;
  /** Why not; '' of one that works. */
  readonly reason: string;
}

/** Finds out which encoders this machine has, by using them; each once. For all streams of a service. */
export class Hardware {
  private readonly probes = new Map<H264EncoderName, Promise<ProbeResult>>();
  private readonly known = new Map<H264EncoderName, ProbeResult>();

  constructor(
    private readonly log: Log,
    /** Name in PATH, or a path. */
    readonly program = 'ffmpeg',
  ) {}

  /** What is known by now, the best encoder first. For status. */
  results(): ProbeResult[] {
    return h264Encoders.flatMap((encoder) => this.known.get(encoder) ?? []);
  }

  /**
   * The first that works of those behind `after`, or of all. With a name other than `auto` only that one.
   * Throws ENCODER_UNKNOWN, ENCODER_UNAVAILABLE, FFMPEG_MISSING.
   */
  async choose(wanted: string, after?: H264EncoderName): Promise<H264EncoderName> {
    if (wanted !== 'auto') return this.forced(wanted);
    const begin = after === undefined ? 0 : h264Encoders.indexOf(after) + 1;
    for (const encoder of h264Encoders.slice(begin)) {
      if ((await this.probe(encoder)).works) return encoder;
    }
    throw new CamstreamError('ENCODER_UNAVAILABLE', `no H.264 encoder works here: ${this.reasons()}`);
  }

  private async forced(name: string): Promise<H264EncoderName> {
    const encoder = h264Encoders.find((known) => known === name);
    if (encoder === undefined) {
      throw new CamstreamError(
        'ENCODER_UNKNOWN',
        `encoder "${name}" is not known; there are auto, ${h264Encoders.join(', ')}`,
      );
    }
    const result = await this.probe(encoder);
    if (result.works) return encoder;
    const others = h264Encoders.filter((other) => other !== encoder);
    const working = (await Promise.all(others.map((other) => this.probe(other)))).filter(
      ({ works }) => works,
    );
    const there = working.length === 0 ? 'none' : working.map((other) => other.encoder).join(', ');
    throw new CamstreamError(
      'ENCODER_UNAVAILABLE',
      `encoder "${encoder}" does not work here (${result.reason}); there is: ${there}`,
    );
  }

  private probe(encoder: H264EncoderName): Promise<ProbeResult> {
    const running = this.probes.get(encoder) ?? this.run(encoder);
    this.probes.set(encoder, running);
    // A missing ffmpeg may be installed while we run: that is no answer to keep.
    running.catch(() => this.probes.delete(encoder));
    return running;
  }

  private async run(encoder: H264EncoderName): Promise<ProbeResult> {
    const reason = await failureOf(this.program, encoder);
    const result = { encoder, works: reason === '', reason };
    this.known.set(encoder, result);
    if (result.works) this.log.info({ encoder }, 'H.264 encoder works');
    else this.log.info({ encoder, reason }, 'H.264 encoder does not work here');
    return result;
  }

  private reasons(): string {
    return this.results()
      .map(({ encoder, reason }) => `${encoder}: ${reason}`)
      .join('; ');
  }
}

const frames = 5;
const patienceMs = 10_000; // a driver that hangs

/** Encodes a few pictures; '' if they came out as they should. */
async function failureOf(program: string, encoder: H264EncoderName): Promise<string> {
  const units: AccessUnit[] = [];
  let late = false;
  const error = await new Promise<CamstreamError | undefined>((resolve) => {
    const child = FfmpegProcess.start({
      program,
      arguments: probeArguments(encoder, frames),
      input: undefined,
      onUnit: (unit) => units.push(unit),
      onEnd: (ended) => {
        clearTimeout(timer);
        resolve(ended);
      },
    });
    const timer = setTimeout(() => {
      late = true;
      void child.stop();
    }, patienceMs);
  });
  if (hasErrorCode(error, 'ENCODER_SYSTEM')) throw error;
  if (late) return `gave no answer in ${patienceMs / 1000} s`;
  if (error !== undefined) return error.message;
  return flawOf(units);
}

function flawOf(units: readonly AccessUnit[]): string {
  const [first] = units;
  if (units.length !== frames) return `made ${units.length} pictures of ${frames}`;
  if (!first?.keyFrame) return 'began without a key frame';
  try {
    parseSps(first.parameters.sps);
    return '';
  } catch (error) {
    return `its SPS cannot be read: ${String(error)}`;
  }
}
