/**
 * Something that turns a 1080p60 camera into the specification's four streams: camstream, the specification's
 * option 1 (GStreamer) and option 2 (ffmpeg). All get the same pictures and give the same sizes, rates,
 * preset, bitrate and quality.
 */

import type { Command } from './participant-process.js';

/** What all of them encode with: camstream's defaults. */
export const SETTINGS = {
  preset: 'ultrafast',
  bitrateKbps: 6000,
  /** Frames: one second. */
  keyInterval: 30,
  /** As libjpeg counts. */
  quality: 80,
  /** As ffmpeg's mjpeg encoder counts: about the same bytes a picture (jpeg-encoders.md). */
  ffmpegQuality: 3,
} as const;

/** The names of the streams, and the pictures a second that each has to give. */
export const STREAM_RATES: Readonly<Record<string, number>> = { high: 30, medium: 30, low: 15, analysis: 30 };

/** Where a viewer finds a stream. */
export type Address =
  | { readonly kind: 'rtsp'; readonly url: string }
  | { readonly kind: 'http'; readonly url: string }
  /** Multipart without HTTP: what tcpserversink and ffmpeg's tcp output give. */
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'ring'; readonly root: string; readonly name: string }
  | { readonly kind: 'gst-shm'; readonly path: string };

/** One that runs. */
export interface RunningVideoService {
  /** Its processes; their children count too. */
  readonly pids: readonly number[];
  /** By stream name. A stream that it does not offer is missing. */
  readonly addresses: Readonly<Record<string, Address>>;
  /** Processes below it that do not count, by command line. */
  readonly except?: (commandLine: string) => boolean;
  /** Ends it with everything that was started for it. Throws if it had ended by itself. */
  stop(): Promise<void>;
}

/** One that can be started. */
export interface VideoService {
  readonly name: string;
  /** One sentence: what it is and what was changed for it. */
  readonly how: string;
  readonly ours?: boolean;
  /** The network namespace that it runs in; its viewers have to be there, too. */
  readonly namespace?: string;
  /** `folder` is its own, in memory; `pictures` a file of whole 1080p YUYV pictures. */
  start(folder: string, pictures: string): Promise<RunningVideoService>;
}

/** `command` in a network namespace; undefined: in this one. */
export function within(namespace: string | undefined, { file, args, env }: Command): Command {
  if (namespace === undefined) return env ? { file, args, env } : { file, args };
  const command = { file: 'ip', args: ['netns', 'exec', namespace, file, ...args] };
  return env ? { ...command, env } : command;
}
