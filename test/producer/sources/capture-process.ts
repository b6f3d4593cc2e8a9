// Run by captures.test.ts as a process or worker of its own: captures the source given as JSON into the
// ring `camera` below CAMSTREAM_RING_ROOT, tells when frames come, and then does what it is told.
import { parentPort } from 'node:worker_threads';
import { loadCameraAddon, type NativeSourceOptions } from '@camstream/core';

const [sourceText = '{}', ending = 'stay'] = process.argv.slice(2);
const source = { width: 0, height: 0, rate: 0, format: '', ...JSON.parse(sourceText) } as NativeSourceOptions;
const ring = {
  root: process.env.CAMSTREAM_RING_ROOT ?? '',
  name: 'camera',
  readers: 2,
  hold: 1,
  localLeases: 0,
  leaseTimeoutMs: 5000,
  group: '',
  systemModes: false,
};
const capture = await loadCameraAddon().startCapture(source, ring, () => {});
while (capture.status().published < 2) await new Promise((resolve) => setTimeout(resolve, 10));
if (ending === 'exit') process.exit(0);
if (ending === 'close') await capture.close();
if (ending === 'stay') {
  process.send?.('live');
  parentPort?.postMessage('live');
}
