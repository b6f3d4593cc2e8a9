// restless-viewers-process.js COUNT URL...: COUNT viewers that join one of the streams (http: or rtsp:, by
// TCP or UDP) at random, stay from half a second to ten and leave, most without a word. Every eighth stops
// reading as soon as it has joined. Answers any message with the sum so far; on 'leave' all of them leave
// first.
import { setMaxListeners } from 'node:events';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { RtspClient } from './rtsp-client.js';

/** What they have done. */
export interface RestlessSum {
  readonly joined: number;
  readonly stoppedReading: number;
  /** Of those who read: joined, and left without a picture though they stayed two seconds. */
  readonly nothingSeen: number;
  readonly failures: readonly string[];
}

interface Viewer {
  bytes(): number;
  stopReading(): void;
  leave(): Promise<void>;
}

const [count = '0', ...urls] = process.argv.slice(2);
const sum = { joined: 0, stoppedReading: 0, nothingSeen: 0, failures: [] as string[] };
const leaving = new AbortController();
setMaxListeners(0, leaving.signal); // one for each viewer
const all = Promise.all(Array.from({ length: Number(count) }, stayRestless));

process.on('message', async (message) => {
  if (message === 'leave') {
    leaving.abort();
    await all;
  }
  process.send?.(sum satisfies RestlessSum);
});

async function stayRestless(): Promise<void> {
  while (!leaving.signal.aborted) {
    try {
      await visit(urls[Math.floor(Math.random() * urls.length)] as string);
    } catch (error) {
      sum.failures.push(String(error));
    }
  }
}

async function visit(url: string): Promise<void> {
  const viewer = await (url.startsWith('rtsp:') ? joinRtsp(url) : joinHttp(url));
  const reads = ++sum.joined % 8 !== 0;
  if (!reads) {
    sum.stoppedReading++;
    viewer.stopReading();
  }
  const began = performance.now();
  await stay(500 * 20 ** Math.random());
  const waited = performance.now() - began > 2000;
  if (reads && waited && viewer.bytes() === 0) sum.nothingSeen++;
  await viewer.leave();
}

function joinHttp(url: string): Promise<Viewer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('error', () => {});
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      resolve({
        bytes: () => bytes,
        stopReading: () => response.pause(),
        leave: async () => void response.destroy(),
      });
    });
    request.on('error', reject);
  });
}

async function joinRtsp(url: string): Promise<Viewer> {
  const client = await RtspClient.open(Number(new URL(url).port));
  let bytes = 0;
  client.onPacket = ({ payload }) => {
    bytes += payload.length;
    client.packets.length = client.reports.length = 0;
  };
  const { session } = await client.play(url, Math.random() < 0.5 ? 'udp' : 'tcp');
  return {
    bytes: () => bytes,
    stopReading: () => client.socket.pause(),
    leave: async () => {
      if (Math.random() < 0.5 && !client.socket.isPaused()) await client.ask('TEARDOWN', `${url}/`, session);
      client.close();
    },
  };
}

/** Shorter where they are to leave. */
function stay(ms: number): Promise<void> {
  return sleep(ms, undefined, { signal: leaving.signal }).catch(() => undefined);
}
