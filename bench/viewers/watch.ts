/**
 * Viewers that read and do not decode, as one process: `watch.js SECONDS PLAN`, PLAN a JSON array of
 * { stream, address, count, rtsp }. Prints "ready" when each has had a picture, waits for a line on stdin,
 * counts for SECONDS and prints "viewer STREAM PICTURES BYTES LONGEST_GAP_MS" for each, then "end".
 */

import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { connect } from '@camstream/consumer';
import { say, waitForGo } from '../harness/participant.js';
import type { Address } from '../harness/video-service.js';
import { MultipartReader } from './multipart.js';
import { RtspClient } from './rtsp-client.js';

/** What watch.js is told. */
export interface WatchPlan {
  readonly stream: string;
  readonly address: Address;
  readonly count: number;
  /** Of a stream by RTSP; TCP if not given. */
  readonly rtsp?: 'tcp' | 'udp';
}

class Tally {
  readonly stream: string;
  pictures = 0;
  bytes = 0;
  longestGapMs = 0;
  #lastMs = 0;
  #first: () => void = () => {};
  readonly began = new Promise<void>((resolve) => {
    this.#first = resolve;
  });

  constructor(stream: string) {
    this.stream = stream;
  }

  add(bytes: number): void {
    const now = performance.now();
    if (this.#lastMs > 0) this.longestGapMs = Math.max(this.longestGapMs, now - this.#lastMs);
    this.#lastMs = now;
    this.pictures++;
    this.bytes += bytes;
    this.#first();
  }

  reset(): void {
    this.pictures = this.bytes = this.longestGapMs = 0;
    this.#lastMs = performance.now();
  }

  line(): string {
    return `viewer ${this.stream} ${this.pictures} ${this.bytes} ${Math.round(this.longestGapMs)}`;
  }
}

const [seconds, plan] = [Number(process.argv[2]), JSON.parse(process.argv[3] ?? '[]') as WatchPlan[]];
const children: (() => void)[] = [];
const tallies: Tally[] = [];
for (const { stream, address, count, rtsp } of plan) {
  for (let viewer = 0; viewer < count; viewer++) {
    const tally = new Tally(stream);
    tallies.push(tally);
    await watch(address, tally, rtsp);
  }
}
await Promise.all(tallies.map(({ began }) => began));
say('ready');
await waitForGo();
for (const tally of tallies) tally.reset();
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
say([...tallies.map((tally) => tally.line()), 'end'].join('\n'));
for (const end of children) end();
process.exit(0);

async function watch(address: Address, tally: Tally, rtsp: WatchPlan['rtsp']): Promise<void> {
  switch (address.kind) {
    case 'http':
      get(address.url, { agent: false }, (response) => {
        if (response.statusCode !== 200) throw new Error(`${address.url}: ${response.statusCode}`);
        const reader = counting(tally);
        response.on('data', (chunk: Buffer) => reader.push(chunk));
      });
      return;
    case 'tcp': {
      const reader = counting(tally);
      connectPatiently(address.port, (chunk) => reader.push(chunk));
      return;
    }
    case 'rtsp':
      await watchRtsp(address.url, rtsp ?? 'tcp', tally);
      return;
    case 'ring':
      watchRing(address, tally).catch((error) => say(`error ${error}`));
      return;
    case 'gst-shm':
      watchShm(address.path, tally);
  }
}

/** The rival may not listen yet. */
function connectPatiently(port: number, onData: (chunk: Buffer) => void): void {
  const socket = connectTcp(port, '127.0.0.1').on('data', onData);
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNREFUSED') throw error;
    setTimeout(() => connectPatiently(port, onData), 100);
  });
}

function counting(tally: Tally): MultipartReader {
  return new MultipartReader(false, ({ bytes }) => tally.add(bytes));
}

// A picture is over with its marker bit (RFC 3550, 5.1; RFC 6184, 5.1), and none if a packet is missing.
async function watchRtsp(url: string, transport: 'tcp' | 'udp', tally: Tally): Promise<void> {
  let bytes = 0;
  let whole = true;
  let next: number | undefined;
  await RtspClient.play(url, transport, {
    rtp(packet) {
      const sequence = packet.readUInt16BE(2);
      if (sequence !== (next ?? sequence)) whole = false;
      next = (sequence + 1) & 0xffff;
      bytes += packet.length;
      if (((packet[1] ?? 0) & 0x80) === 0) return;
      if (whole) tally.add(bytes);
      bytes = 0;
      whole = true;
    },
  });
}

async function watchRing({ root, name }: { root: string; name: string }, tally: Tally): Promise<void> {
  process.env.CAMSTREAM_RING_ROOT = root;
  const ring = await connect(name, { timeoutMs: 20_000 });
  for await (const frame of ring.frames()) tally.add(frame.data.length);
}

// fakesink says a line for each buffer.
function watchShm(path: string, tally: Tally): void {
  const pipeline = [
    'shmsrc',
    `socket-path=${path}`,
    'is-live=true',
    '!',
    'fakesink',
    'silent=false',
    'sync=false',
  ];
  const child = spawn('gst-launch-1.0', ['-v', ...pipeline], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(() => child.kill('SIGKILL'));
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    for (const line of text.matchAll(/chain.*?\((\d+) bytes/g)) tally.add(Number(line[1]));
  });
}
