/** The questions, in the order in which they are asked. */

import { decodeCost } from './decode-cost.js';
import { firstPicture } from './first-picture.js';
import type { Question } from './harness/question.js';
import { jpegEncoders } from './jpeg-encoders.js';
import { latency } from './latency.js';
import { latencyModes } from './latency-modes.js';
import { loadControl } from './load-control.js';
import { publishCost } from './publish-cost.js';
import { readerCpu } from './reader-cpu.js';
import { serviceCpu } from './service-cpu.js';
import { streamCpu } from './stream-cpu.js';
import { streamLatency } from './stream-latency.js';
import { userptr } from './userptr.js';
import { viewCost } from './view-cost.js';
import { viewers } from './viewers.js';

/** All of them. */
export const questions: readonly Question[] = [
  latency,
  viewCost,
  publishCost,
  userptr,
  readerCpu,
  serviceCpu,
  loadControl,
  decodeCost,
  streamCpu,
  streamLatency,
  latencyModes,
  viewers,
  firstPicture,
  jpegEncoders,
];
