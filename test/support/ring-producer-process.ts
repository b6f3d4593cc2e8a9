// A producer in a process of its own, to be stopped and killed: fills the ring named until it is told to
// close it. Messages: { publish: count } | 'close'.
// Arguments: name, width, height, frames a second (0: none).
import { openTestRing } from './test-ring.js';

const [name, width, height, rate] = process.argv.slice(2);
const ring = openTestRing({ name: String(name), width: Number(width), height: Number(height) });
let last = 0;
const publish = () => {
  last = ring.publish(new Uint8Array(Number(width) * Number(height)).fill(last + 1));
};
if (Number(rate) > 0) setInterval(publish, 1000 / Number(rate));
process.on('message', (message: { publish: number } | 'close') => {
  if (message === 'close') {
    ring.close();
    process.exit();
  }
  for (let index = 0; index < message.publish; index++) publish();
});
process.send?.('ready');
