// rtp-recorder-process.js URL SECONDS: watches a stream by UDP for so long, then prints its packets as they
// came, each a line of JSON (RecordedPacket).
import { setTimeout as sleep } from 'node:timers/promises';
import { RtspClient } from './rtsp-client.js';

/** An RTP packet, for another process to read. */
export interface RecordedPacket {
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  /** CLOCK_MONOTONIC, ns. */
  readonly atNs: string;
  /** base64. */
  readonly payload: string;
}

const [url = '', seconds = ''] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const client = await RtspClient.open(Number(port), hostname);
const { session } = await client.play(url, 'udp');
await sleep(Number(seconds) * 1000);
const lines = client.packets.map(({ marker, sequence, timestamp, atNs, payload }) => {
  const recorded = { marker, sequence, timestamp, atNs: String(atNs), payload: payload.toString('base64') };
  return JSON.stringify(recorded satisfies RecordedPacket);
});
await client.ask('TEARDOWN', url, session);
client.close();
process.stdout.write(`${lines.join('\n')}\n`);
