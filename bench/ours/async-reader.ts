/** The SDK as most people use it: `for await (const frame of camera.frames())`, newest frame first. */

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
for await (const frame of camera.frames()) {
  const more =
    args.touch === 'none'
      ? recorder.untouched(frame.sequence, frame.publishedAtNs)
      : recorder.frame(frame.data, frame.publishedAtNs);
  if (args.touch === 'all') touchLines(frame.data);
  if (!more) break;
}
recorder.print();
camera.close();
