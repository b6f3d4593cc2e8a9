/** The questions, in the order in which they are asked. */

import { decodeCost } from './decode-cost.js';
import type { Question } from './harness/question.js';
import { latency } from './latency.js';
import { loadControl } from './load-control.js';
import { publishCost } from './publish-cost.js';
import { readerCpu } from './reader-cpu.js';
import { serviceCpu } from './service-cpu.js';
import { userptr } from './userptr.js';
import { viewCost } from './view-cost.js';

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
];
