/** The questions, in the order in which they are asked. */

import type { Question } from './harness/question.js';
import { latency } from './latency.js';

/** All of them. */
export const questions: readonly Question[] = [latency];
