/**
 * One RTSP viewer of H.264 that notes when each decodable picture has come: `arrivals.js URL tcp|udp
 * SECONDS [skip-first]`. Prints "ready" when it plays, waits for a line on stdin, and after SECONDS "a
 * TIMESTAMP ARRIVED_NS CAPTURED_NS KEY BYTES" for each picture that came since it plays (CLOCK_MONOTONIC,
 * ns; TIMESTAMP in 1/90000 s; KEY 1 or 0), "ended NS", "lost PACKETS" and "end". `skip-first`: what comes
 * before the second key frame is ignored, as if the server kept none for those who join.
 */

import { nowNs, say, waitForGo } from '../harness/participant.js';
import { RtpPictures } from './rtp-pictures.js';
import { RtspClient } from './rtsp-client.js';
import { SenderClock } from './sender-clock.js';

const [url = '', transport = 'tcp', seconds = '5', skipFirst] = process.argv.slice(2);
const clock = new SenderClock();
const arrived: { timestamp: number; atNs: bigint; keyFrame: boolean; bytes: number }[] = [];
let keyFrames = 0;
const pictures = new RtpPictures(({ timestamp, keyFrame, bytes }) => {
  if (keyFrame) keyFrames++;
  if (skipFirst !== undefined && keyFrames < 2) return;
  arrived.push({ timestamp, atNs: nowNs(), keyFrame, bytes });
});
const client = await RtspClient.play(url, transport as 'tcp' | 'udp', {
  rtp: (packet) => pictures.packet(packet),
  rtcp: (packet) => clock.rtcp(packet),
});
say('ready');
await waitForGo();
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
const endedNs = nowNs();
client.close();
const offsetNs = monotonicMinusWallNs();
for (const { timestamp, atNs, keyFrame, bytes } of arrived) {
  const unixNs = clock.unixNs(timestamp);
  if (unixNs !== undefined) {
    say(`a ${timestamp} ${atNs} ${unixNs + offsetNs} ${keyFrame ? 1 : 0} ${bytes}`);
  }
}
say(`ended ${endedNs}\nlost ${pictures.lost}\nend`);
process.exit(0);

/** From the wall clock to CLOCK_MONOTONIC, to a few microseconds: at the moment when a millisecond begins. */
function monotonicMinusWallNs(): bigint {
  const before = Date.now();
  let wallMs = before;
  while (wallMs === before) wallMs = Date.now();
  return nowNs() - BigInt(wallMs) * 1_000_000n;
}
