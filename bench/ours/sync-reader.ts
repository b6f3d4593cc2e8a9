/** The SDK without an event loop: readSync() in a loop, as a worker thread or a plain process does it. */

import { dirname } from 'node:path';
import { connect } from '@camstream/consumer';
import { parseArguments, Recorder, say, touchLines } from '../harness/participant.js';
import { RING } from './ring.js';

const anticipate = process.argv[2] === 'anticipate';
const args = parseArguments(process.argv.slice(anticipate ? 3 : 2));
process.env.CAMSTREAM_RING_ROOT = dirname(args.address);
const recorder = new Recorder(args.last);
const camera = await connect(RING, { timeoutMs: 10_000, anticipate });
say('ready');
// What was said has to leave the process before the thread begins to sleep in readSync().
await new Promise((resolve) => setImmediate(resolve));
for (let more = true; more; ) {
  const frame = camera.readSync(60_000);
  more =
    args.touch === 'none'
      ? recorder.untouched(frame.sequence, frame.publishedAtNs)
      : recorder.frame(frame.data, frame.publishedAtNs);
  if (args.touch === 'all') touchLines(frame.data);
  frame.release();
}
recorder.print();
camera.close();
