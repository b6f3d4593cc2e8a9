/**
 * Question 9: how long from the capture of a picture until a client on this machine has it decoded, from the
 * block code in the picture; each protocol with one viewer, alone and while the other default streams are
 * watched too; beside the specification's option 1.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { Distribution } from './harness/distribution-chart.js';
import { MulticastNetwork } from './harness/multicast-network.js';
import { ParticipantProcess } from './harness/participant-process.js';
import { compiled } from './harness/paths.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { capture } from './harness/raw-pictures.js';
import { percentile, quantiles, sorted } from './harness/statistics.js';
import { numeric, table } from './harness/table.js';
import {
  type Address,
  type RunningVideoService,
  STREAM_RATES,
  type VideoService,
  within,
} from './harness/video-service.js';
import { defaultService } from './ours/video-service.js';
import { option1 } from './rivals/option1.js';
import { needGstElement, Unavailable } from './rivals/setup.js';
import type { WatchPlan } from './viewers/watch.js';

/** How a stream is watched. */
interface View {
  readonly title: string;
  readonly stream: 'high' | 'medium';
  /** As viewers/decoded.ts names them. */
  readonly client: 'multipart' | 'ffmpeg' | `${'ffmpeg' | 'gst'}-${'udp' | 'tcp' | 'multicast'}`;
  readonly rivalToo?: boolean;
}

const VIEWS: readonly View[] = [
  { title: 'MJPEG 720p, own client', stream: 'medium', client: 'multipart', rivalToo: true },
  { title: 'MJPEG 720p, ffmpeg', stream: 'medium', client: 'ffmpeg' },
  { title: 'RTSP H.264 1080p by UDP, GStreamer', stream: 'high', client: 'gst-udp', rivalToo: true },
  { title: 'RTSP H.264 1080p by TCP, GStreamer', stream: 'high', client: 'gst-tcp', rivalToo: true },
  { title: 'RTSP H.264 1080p by UDP, ffmpeg', stream: 'high', client: 'ffmpeg-udp' },
  { title: 'RTSP H.264 1080p by TCP, ffmpeg', stream: 'high', client: 'ffmpeg-tcp', rivalToo: true },
];

/** Of a service in a network of its own: multicast is not let out of this machine. */
const MULTICAST_VIEWS: readonly View[] = [
  { title: 'RTSP H.264 1080p by multicast, GStreamer', stream: 'high', client: 'gst-multicast' },
  { title: 'RTSP H.264 1080p by multicast, ffmpeg', stream: 'high', client: 'ffmpeg-multicast' },
];

const SIZES = { high: [1920, 1080], medium: [1280, 720] } as const;

/** NFR-STR-003. */
const AIM_MS = 50;

interface Row {
  readonly service: VideoService;
  readonly view: View;
  /** The other default streams have a viewer each as well. */
  readonly busy: boolean;
  readonly samplesNs: number[];
  readonly rounds: { readonly n: number; readonly p50: number; readonly p95: number; readonly p99: number }[];
}

/** The question. */
export const streamLatency: Question = {
  name: 'stream-latency',
  title: 'From capture to a decoded picture at a client on this machine',
  run,
};

async function run(settings: Settings): Promise<Answer> {
  const skipped: Record<string, string> = {};
  const network = openNetwork(skipped);
  try {
    const services = await gather(settings, skipped, network);
    return await compare(services, settings, skipped);
  } finally {
    network?.close();
  }
}

function openNetwork(skipped: Record<string, string>): MulticastNetwork | undefined {
  try {
    return new MulticastNetwork();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    skipped.multicast = error.message;
    return undefined;
  }
}

function viewsOf({ ours, namespace }: VideoService): readonly View[] {
  if (namespace !== undefined) return MULTICAST_VIEWS;
  return VIEWS.filter(({ rivalToo }) => ours || rivalToo);
}

async function compare(
  services: readonly VideoService[],
  settings: Settings,
  skipped: Record<string, string>,
): Promise<Answer> {
  const rows = services.flatMap((service) =>
    viewsOf(service).flatMap((view) =>
      (settings.small ? [true] : [false, true]).map(
        (busy): Row => ({ service, view, busy, samplesNs: [], rounds: [] }),
      ),
    ),
  );
  const folder = mkdtempSync('/dev/shm/cs-bench-');
  try {
    mkdirSync(`${folder}/rings`);
    const pictures = `${folder}/pictures.yuyv`;
    if (services.some(({ ours }) => !ours)) await capture(pictures, CAMERA, 120, `${folder}/rings`);
    for (let round = 0; round < settings.rounds; round++) {
      for (const service of services) {
        settings.log(`stream-latency: round ${round + 1} of ${settings.rounds}, ${service.name}`);
        const own = mkdtempSync(`${folder}/turn-`);
        await takeTurns(
          rows.filter((row) => row.service === service),
          own,
          pictures,
          settings,
          skipped,
        );
        rmSync(own, { recursive: true, force: true });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const complete = rows.filter(({ samplesNs }) => samplesNs.length > 0);
  const reports = [false, true].filter((busy) => complete.some((row) => row.busy === busy));
  return {
    report: [...reports.map((busy) => report(complete, busy)), NOTE].join('\n\n'),
    charts: { 'stream-latency': { title: 'Capture to decoded picture', panels: panels(complete, reports) } },
    data: complete.map(toData),
    skipped,
  };
}

const CAMERA = { width: 1920, height: 1080, rate: 60, format: 'yuyv' } as const;

async function gather(
  { small, only }: Settings,
  skipped: Record<string, string>,
  network: MulticastNetwork | undefined,
): Promise<VideoService[]> {
  const inNetwork = network === undefined ? [] : [defaultService('sharp', network.name)];
  const services = [defaultService('sharp'), ...inNetwork, defaultService('turbo')].filter(
    ({ name }) => only === undefined || name.includes(only),
  );
  try {
    if (only !== undefined && !option1.name.includes(only)) return services;
    if (small) throw new Unavailable('needs GStreamer and a compiler; the full bench has it');
    await needGstElement('rtspclientsink', 'gstreamer1.0-rtsp');
    await needGstElement('x264enc', 'gstreamer1.0-plugins-ugly');
    services.push(option1);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    skipped[option1.name] = error.message;
  }
  return services;
}

async function takeTurns(
  rows: readonly Row[],
  folder: string,
  pictures: string,
  settings: Settings,
  skipped: Record<string, string>,
): Promise<void> {
  const [{ service }] = rows as [Row];
  const running = await service.start(folder, pictures);
  try {
    for (const row of rows) {
      try {
        row.samplesNs.push(...(await watchOne(row, running, settings)));
      } catch (error) {
        if (service.ours) throw error;
        skipped[`${service.name}, ${row.view.title}`] = (error as Error).message;
      }
    }
  } finally {
    await running.stop();
  }
}

async function watchOne(row: Row, running: RunningVideoService, settings: Settings): Promise<number[]> {
  const { view, busy, rounds } = row;
  const seconds = settings.frames / settings.rate;
  const others = busy ? otherViewers(row, running, seconds) : undefined;
  const address = running.addresses[view.stream];
  if (!address) throw new Error(`${row.service.name} has no stream ${view.stream}`);
  const size = SIZES[view.stream].map(String);
  const decoder = { file: process.execPath, args: [compiled('viewers/decoded')] };
  const command = within(row.service.namespace, decoder);
  const more = [view.client, urlOf(address), ...size, `${seconds}`];
  const viewer = new ParticipantProcess(`${row.service.name}, ${view.title}`, command, more);
  try {
    await others?.ready();
    await viewer.ready();
    await sleep(settings.small ? 300 : 2000);
    viewer.go();
    const lines = await viewer.output(seconds * 1000 + 30_000);
    const samples = lines.filter((line) => line.startsWith('d ')).map((line) => Number(line.split(' ')[2]));
    if (samples.length === 0) throw new Error(`${view.title}: no picture came`);
    const ascending = sorted(samples);
    const at = (p: number): number => percentile(ascending, p);
    rounds.push({ n: samples.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) });
    return samples;
  } finally {
    await Promise.all([viewer.stop(), others?.stop()]);
  }
}

function otherViewers(
  { service, view }: Row,
  running: RunningVideoService,
  seconds: number,
): ParticipantProcess {
  const plan = Object.entries(running.addresses)
    .filter(([stream]) => stream in STREAM_RATES && stream !== view.stream)
    .map(([stream, address]): WatchPlan => ({ stream, address, count: 1 }));
  const reader = { file: process.execPath, args: [compiled('viewers/watch')] };
  const command = within(service.namespace, reader);
  return new ParticipantProcess('other viewers', command, [`${seconds}`, JSON.stringify(plan)]);
}

function urlOf(address: Address): string {
  if (address.kind === 'http' || address.kind === 'rtsp') return address.url;
  if (address.kind === 'tcp') return `tcp://127.0.0.1:${address.port}`;
  throw new Error(`a ${address.kind} has no URL`);
}

function report(rows: readonly Row[], busy: boolean): string {
  const title = busy ? 'While the other default streams have a viewer each' : 'One viewer alone';
  const columns = [
    { title: 'who' },
    { title: 'how' },
    ...['p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'n', `under ${AIM_MS} ms`].map(numeric),
  ];
  const lines = rows
    .filter((row) => row.busy === busy)
    .map(({ service: { name, ours }, view, samplesNs }) => {
      const ascending = sorted(samplesNs);
      const ms = (p: number): string => (percentile(ascending, p) / 1e6).toFixed(1);
      const within = samplesNs.filter((ns) => ns < AIM_MS * 1e6).length / samplesNs.length;
      return [
        ours ? `**${name}**` : name,
        view.title,
        ...[ms(0.5), ms(0.95), ms(0.99), ms(1)],
        String(samplesNs.length),
        `${(within * 100).toFixed(1)} %`,
      ];
    });
  return `### ${title}\n\n${table(columns, lines)}`;
}

function panels(rows: readonly Row[], which: readonly boolean[]) {
  return which.map((busy) => ({
    title: busy ? 'the other default streams are watched too' : 'one viewer alone',
    rows: rows
      .filter((row) => row.busy === busy)
      .map(({ service, view, samplesNs }): Distribution => {
        const kind = service.ours ? 'ours' : 'rival';
        return { label: label(service, view), kind, quantiles: quantiles(samplesNs) };
      }),
  }));
}

function label({ name }: VideoService, { title }: View): string {
  const who = name.replace('camstream, ', '').replace(', GStreamer', '');
  return `${who}: ${title.replace(/ H.264 1080p| 720p| client/g, '')}`;
}

function toData({ service, view, busy, rounds, samplesNs }: Row): unknown {
  return { name: service.name, ...view, busy, rounds, quantilesNs: quantiles(samplesNs) };
}

const NOTE =
  'From the time painted into the picture (camstream: when its test camera began to paint it; option ' +
  '1: when the feeder handed it over) until the viewer has read it in the decoded picture; all rounds ' +
  'together. GStreamer and ffmpeg (`-flags low_delay -fflags nobuffer`) give gray pictures to a pipe, ' +
  'which is in the figure; the own client decodes with sharp. The ffmpeg program ends an H.264 ' +
  'picture when the next one begins; camstream sends it the delimiter ahead (docs/decisions/0057). ' +
  'Multicast: over the loopback of a network namespace of its own; a group is sent no delimiter ahead.';

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
