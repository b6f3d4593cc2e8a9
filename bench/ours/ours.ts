/** camstream as a contestant. */

import type { Candidate } from '../rivals/rivals.js';

/** With the async iterator, and with readSync. */
export const ours: readonly Candidate[] = [];
