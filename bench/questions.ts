/** The questions, in the order in which they are asked. */

import type { Question } from './harness/question.js';
import { latency } from './latency.js';
import { publishCost } from './publish-cost.js';
import { readerCpu } from './reader-cpu.js';
import { userptr } from './userptr.js';

/** All of them. */
export const questions: readonly Question[] = [latency, publishCost, userptr, readerCpu];
