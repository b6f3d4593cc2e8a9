/**
 * npm's shm-typed-array with polling. Four pictures in POSIX shared memory and the number of the newest one
 * in front of them: more than its README shows, and the least that lets a reader hold a picture while the
 * next one is written. It has nothing to wake a reader with.
 *
 * First argument: `timer` looks every millisecond, `spin` on every turn of the event loop.
 */

import { createRequire } from 'node:module';
import {
  nowNs,
  type ParticipantArguments,
  Picture,
  pacedBlocking,
  parseArguments,
  Recorder,
  say,
  waitForGo,
} from '../harness/participant.js';
import { BUILD } from '../harness/paths.js';

interface ShmTypedArray {
  create(count: number, type: 'Buffer', name: string): Buffer | null;
  get(name: string, type: 'Buffer'): Buffer | null;
}

const SLOTS = 4;
const HEADER = 64; // number of the newest frame (u32), then per slot the time of its publishing (u64)

const shm = createRequire(`${BUILD}shm-typed-array/`)('shm-typed-array') as ShmTypedArray;
const polling = process.argv[2] as 'timer' | 'spin';
const args = parseArguments(process.argv.slice(3));
const name = `/${args.address.split('/').at(-1)}`;
if (args.role === 'writer') await write(args);
else read(args);

async function write({ bytes }: ParticipantArguments): Promise<void> {
  const memory = opened(shm.create(HEADER + SLOTS * bytes, 'Buffer', name));
  const newest = new Uint32Array(memory.buffer, memory.byteOffset, 1);
  const picture = new Picture(bytes);
  say('ready');
  await waitForGo();
  pacedBlocking(args, (sequence) => {
    const slot = sequence % SLOTS;
    picture.stamp(sequence);
    memory.set(picture.bytes, HEADER + slot * bytes);
    memory.writeBigUInt64LE(nowNs(), 8 + 8 * slot);
    Atomics.store(newest, 0, sequence);
  });
}

function read({ bytes, last }: ParticipantArguments): void {
  const memory = opened(shm.get(name, 'Buffer'));
  const newest = new Uint32Array(memory.buffer, memory.byteOffset, 1);
  const recorder = new Recorder(last);
  let seen = 0;
  const look = (): void => {
    const sequence = Atomics.load(newest, 0);
    if (sequence !== seen) {
      seen = sequence;
      const slot = sequence % SLOTS;
      const start = HEADER + slot * bytes;
      if (!recorder.frame(memory.subarray(start, start + bytes), memory.readBigUInt64LE(8 + 8 * slot))) {
        recorder.print();
        return;
      }
    }
    if (polling === 'timer') setTimeout(look, 1);
    else setImmediate(look);
  };
  say('ready');
  look();
}

function opened(memory: Buffer | null): Buffer {
  if (memory === null) throw new Error(`shm-typed-array gave no segment ${name}`);
  return memory;
}
