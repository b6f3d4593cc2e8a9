/** camstream as a video service: the producer as people start it, on its test camera. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { BackgroundProcess } from '../harness/background-process.js';
import { PROJECT } from '../harness/paths.js';
import {
  type Address,
  type RunningVideoService,
  type VideoService,
  within,
} from '../harness/video-service.js';
import { STAND_IN, writeStandIn } from './stand-in-ffmpeg.js';

/** How the service is started where it is not as people start it. */
export interface ServiceOptions {
  /** YAML of `streams`; the default four if not given. */
  readonly streams?: string;
  /** A network namespace to run in. */
  readonly namespace?: string;
  /** Folders that come first in its PATH. */
  readonly path?: string;
}

/** A running service, and what its log says. */
export interface RunningService extends RunningVideoService {
  readonly process: BackgroundProcess;
  /** URLs of stills, by stream name. */
  readonly snapshots: Readonly<Record<string, string>>;
}

/** The default four, with one of the two JPEG encoders; in a network namespace, if one is named. */
export function defaultService(encoder: 'sharp' | 'turbo', namespace?: string): VideoService {
  const network = namespace === undefined ? {} : { namespace };
  return {
    name: `camstream, ${encoder}`,
    how: `the default four streams; JPEG by ${encoder}, H.264 by an ffmpeg child`,
    ours: true,
    ...network,
    start: (folder) => startService(folder, { streams: defaultStreams(encoder), ...network }),
  };
}

/** The same on a machine that has an encoder for H.264: a stand-in, whose CPU time does not count. */
export function hardwareService(encoder: 'sharp' | 'turbo'): VideoService {
  return {
    name: `camstream, ${encoder}, stand-in for h264_vaapi`,
    how: 'the default four streams; the program that stands in for ffmpeg with VA-API does not count',
    ours: true,
    async start(folder) {
      const path = writeStandIn(folder);
      const running = await startService(folder, { streams: defaultStreams(encoder), path });
      return { ...running, except: (commandLine) => commandLine.startsWith(STAND_IN) };
    },
  };
}

/** YAML of the default streams, on free ports. */
export function defaultStreams(encoder: 'sharp' | 'turbo'): string {
  return `{ high: {}, medium: { port: 0, encoder: ${encoder} }, low: { port: 0, encoder: ${encoder} } }`;
}

/** Starts the producer in `folder`, which has its rings, on ports of the kernel's choice. */
export async function startService(folder: string, options: ServiceOptions = {}): Promise<RunningService> {
  const { streams = defaultStreams('sharp'), namespace, path } = options;
  const config = `${folder}/camstream.yaml`;
  const root = `${folder}/rings`;
  mkdirSync(root, { recursive: true });
  writeFileSync(
    config,
    `cameras: { main: { source: test } }\nserver: { httpPort: 0, rtspPort: 0 }\nstreams: ${streams}\n`,
  );
  const program = `${PROJECT}packages/producer/bin/camstream-producer.mjs`;
  const args = [program, 'run', '--config', config, '--ring-root', root, '--log-format', 'json'];
  const env = path === undefined ? {} : { PATH: `${path}:${process.env.PATH}` };
  const command = within(namespace, { file: process.execPath, args, env });
  const service = new BackgroundProcess('camstream-producer', command);
  const [line] = await service.says(/^\{.*"msg":"running".*\}$/m);
  const { streams: started } = JSON.parse(line) as RunningLine;
  return {
    process: service,
    pids: [service.pid],
    addresses: addressesOf(started, root),
    snapshots: Object.fromEntries(
      started.map(({ name, urls }) => [name, urls.find((url) => url.includes('/snapshot/')) ?? '']),
    ),
    async stop() {
      service.check();
      await service.stop();
    },
  };
}

interface RunningLine {
  readonly streams: readonly { readonly name: string; readonly urls: readonly string[] }[];
}

/** The rings too, by their names. */
function addressesOf(streams: RunningLine['streams'], root: string): Record<string, Address> {
  const entries = streams.map(({ name, urls }): [string, Address] => {
    const rtsp = urls.find((url) => url.startsWith('rtsp:'));
    const http = urls.find((url) => url.startsWith('http:') && !url.includes('/snapshot/'));
    return [name, http === undefined ? { kind: 'rtsp', url: rtsp ?? '' } : { kind: 'http', url: http }];
  });
  return {
    camera: { kind: 'ring', root, name: 'camera' },
    analysis: { kind: 'ring', root, name: 'analysis' },
    ...Object.fromEntries(entries),
  };
}
