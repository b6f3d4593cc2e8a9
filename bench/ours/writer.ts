/**
 * camstream's ring, filled from JavaScript: publish() copies the picture into a slot and wakes the readers,
 * by the same native code as a capture thread.
 */

import { dirname } from 'node:path';
import { loadCameraAddon } from '@camstream/core';
import { nowNs, Picture, pacedBlocking, parseArguments, say, waitForGo } from '../harness/participant.js';
import { RING } from './ring.js';

const args = parseArguments();
const width = 1920;
const height = 1080;
const format = args.bytes === width * height * 2 ? 'yuyv' : 'nv12';
const ring = loadCameraAddon().createRing(
  {
    root: dirname(args.address),
    name: RING,
    readers: args.readers,
    hold: 2,
    localLeases: 0,
    leaseTimeoutMs: 5000,
    group: '',
    systemModes: false,
  },
  { format, width, height, rate: 60 },
);
const picture = new Picture(args.bytes);
// Nobody looks: only what publishing costs without the copy.
const handedOver = args.touch === 'none' ? picture.bytes.subarray(0, 64) : picture.bytes;
const publishNs: number[] = [];
say('ready');
await waitForGo();
pacedBlocking(args, (sequence) => {
  picture.stamp(sequence);
  const before = nowNs();
  ring.publish(handedOver);
  publishNs.push(Number(nowNs() - before));
});
ring.close();
say(publishNs.map((ns) => `p ${ns}`).join('\n'));
say('end');
