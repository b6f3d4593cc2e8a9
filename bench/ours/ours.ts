/** camstream as a contestant. */

import { compiled } from '../harness/paths.js';
import type { Contestant } from '../harness/trial.js';

/** `for await (const frame of camera.frames())`. */
export const asyncReader: Contestant = {
  name: 'camstream, async',
  how: 'the SDK, `for await` over frames() in a process of its own; one copy in, none out, leased',
  ours: true,
  writer: node('ours/writer'),
  reader: node('ours/async-reader'),
};

/** `camera.readSync()` in a loop. */
export const syncReader: Contestant = {
  name: 'camstream, sync',
  how: 'the same ring, readSync() in a loop',
  ours: true,
  writer: node('ours/writer'),
  reader: node('ours/sync-reader'),
};

function node(program: string): Contestant['writer'] {
  return { file: process.execPath, args: [compiled(program)] };
}
