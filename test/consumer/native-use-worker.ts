// Gives frames to zlib and sharp, says so, and waits to be ended.
import { parentPort, workerData } from 'node:worker_threads';
import zlib from 'node:zlib';
import { connect } from '@camstream/consumer';
import sharp from 'sharp';

const { name, width, height } = workerData;
const reader = await connect(name, { timeoutMs: 10_000 });
const frame = await reader.read();
for (let index = 0; index < 8; index++) {
  zlib.deflate(frame.data, { level: 9 }, () => undefined);
  void sharp(frame.data, { raw: { width, height, channels: 1 } })
    .png({ effort: 10 })
    .toBuffer();
}
parentPort?.postMessage('at work');
await reader.read({ timeoutMs: 60_000 });
