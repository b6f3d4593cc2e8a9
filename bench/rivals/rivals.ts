/** Everything that camstream is compared with. */

import type { Command } from '../harness/participant-process.js';
import { compiled, rival } from '../harness/paths.js';
import type { Contestant } from '../harness/trial.js';
import { buildRust, compileC, findPython, installNpm, needGstElement } from './setup.js';

/** A contestant that may have to be built first; `prepare` throws Unavailable if that cannot be. */
export interface Candidate {
  readonly name: string;
  /** Something has to be fetched, or compiled for more than a few seconds: left out of small runs. */
  readonly heavy?: boolean;
  prepare(): Promise<Contestant>;
}

/** The name of the floor, to which the others are set in relation. */
export const FLOOR = 'floor: C and a futex';

/** The floor: what the machine itself can do. */
export const floor: Candidate = {
  name: FLOOR,
  async prepare() {
    const program = command(await compileC('floor.c'));
    return {
      name: FLOOR,
      how: 'C processes, a shared mapping, each reader woken on its own futex; one copy in, none out',
      writer: program,
      reader: program,
    };
  },
};

/** The rivals, the nearest first. */
export const rivals: readonly Candidate[] = [
  {
    name: 'iceoryx2',
    heavy: true,
    async prepare() {
      const program = command(await buildRust('iceoryx2'));
      const how =
        'Rust, crate iceoryx2 0.10: loaned samples, woken by its event service; one copy in, none out';
      return { name: 'iceoryx2', how, writer: program, reader: program };
    },
  },
  {
    name: 'GStreamer shm',
    heavy: true,
    async prepare() {
      await needGstElement('shmsink', 'gstreamer1.0-plugins-bad');
      const program = command(await compileC('gstreamer.c', ['gstreamer-1.0', 'gstreamer-app-1.0']));
      const how = "C, appsrc ! shmsink and shmsrc ! fakesink; one copy into shmsink's own memory, none out";
      return { name: 'GStreamer shm', how, writer: program, reader: program };
    },
  },
  shmTypedArray('timer', 'looks every millisecond (setTimeout)'),
  shmTypedArray('spin', 'looks on every turn of the event loop (setImmediate): a core per reader', 1),
  byteStream(
    'socket',
    'UNIX socket',
    'the bytes through a UNIX socket, node:net at both ends, chunks put together',
  ),
  byteStream(
    'pipe',
    'named pipe',
    'the bytes through a 64 KiB pipe, node:net at both ends, chunks put together',
  ),
  {
    name: 'Python polling',
    async prepare() {
      const program = command(await findPython(), rival('python/polling.py'));
      const how =
        "the specification's option 3: shared_memory, np.copyto, readers look every ms and copy out";
      return { name: 'Python polling', how, writer: program, reader: program };
    },
  },
  {
    name: 'Python Condition',
    async prepare() {
      const writer = command(await findPython(), rival('python/condition.py'));
      const how = 'the same, readers woken by a multiprocessing.Condition (children of the writer only)';
      return { name: 'Python Condition', how, writer };
    },
  },
];

function shmTypedArray(polling: 'timer' | 'spin', how: string, maxReaders?: number): Candidate {
  const name = `shm-typed-array, ${polling}`;
  return {
    name,
    heavy: true,
    async prepare() {
      await installNpm('shm-typed-array', '0.1.1');
      const program = command(process.execPath, compiled('rivals/shm-typed-array'), polling);
      const limit = maxReaders === undefined ? {} : { maxReaders };
      return {
        name,
        how: `npm shm-typed-array 0.1.1, four slots; ${how}`,
        writer: program,
        reader: program,
        ...limit,
      };
    },
  };
}

function byteStream(kind: 'socket' | 'pipe', name: string, how: string): Candidate {
  const program = command(process.execPath, compiled('rivals/byte-stream'), kind);
  return { name, prepare: async () => ({ name, how, writer: program, reader: program }) };
}

function command(file: string, ...args: string[]): Command {
  return { file, args };
}
