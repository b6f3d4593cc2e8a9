// A reader in a worker. workerData: { name, mode }: `sync` and `async` read until they are ended and post
// what they see; `hold` posts one frame and keeps it; `wait` and `waitSync` wait for what never comes.
import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '@camstream/consumer';

const { name, mode } = workerData as { name: string; mode: 'sync' | 'async' | 'hold' | 'wait' | 'waitSync' };
const reader = await connect(name, { timeoutMs: 60_000 });
const post = (frame: { sequence: number; data: Uint8Array; leased: boolean }) =>
  parentPort?.postMessage([frame.sequence, frame.data[0], frame.leased]);

switch (mode) {
  case 'async':
    for await (const frame of reader.frames('every')) post(frame);
    break;
  case 'sync':
    for (;;) {
      const frame = reader.readSync(60_000);
      post(frame);
      frame.release();
    }
  case 'hold':
    post(await reader.read());
    await reader.frames('every').next();
    break;
  case 'wait':
    parentPort?.postMessage('waiting');
    await reader.read();
    break;
  case 'waitSync':
    parentPort?.postMessage('waiting');
    reader.readSync();
    break;
}
