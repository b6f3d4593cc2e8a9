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

/** The two with `connect(name, { anticipate: true })`. More such readers than cores hold each other up. */
export const anticipatingReaders: readonly Contestant[] = [
  {
    ...asyncReader,
    name: 'camstream, async, anticipating',
    how: 'the async reader, awake and watching when the next frame is due',
    reader: node('ours/async-reader', 'anticipate'),
    maxReaders: 1,
  },
  {
    ...syncReader,
    name: 'camstream, sync, anticipating',
    how: 'the sync reader, awake and watching when the next frame is due',
    reader: node('ours/sync-reader', 'anticipate'),
    maxReaders: 1,
  },
];

function node(program: string, ...args: string[]): Contestant['writer'] {
  return { file: process.execPath, args: [compiled(program), ...args] };
}
