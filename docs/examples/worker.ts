import { isMainThread, Worker } from 'node:worker_threads';
import { connect } from '@camstream/consumer';

if (isMainThread) {
  new Worker(new URL(import.meta.url)); // as many as you like: each opens the ring for itself
} else {
  const camera = await connect('analysis');
  for (let frames = 0; frames < 5; frames++) {
    const frame = camera.readSync(10_000); // no event loop between you and the frame
    console.log(`${frame.sequence}: ${frame.data.length} bytes`);
    frame.release();
  }
  camera.close();
}
