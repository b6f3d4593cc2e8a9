import { connect, type Frame } from '@camstream/consumer';

const camera = await connect('analysis');
let before: Frame | undefined;
let pairs = 0;
for await (const frame of camera.frames('every')) {
  if (before) console.log(`${before.sequence} and ${frame.sequence} differ: ${changed(before, frame)}`);
  before?.release();
  before = frame.keep(); // the loop does not release it: we do
  if (++pairs > 3) break;
}
before?.release();
camera.close();

function changed(one: Frame, other: Frame): boolean {
  const result = Buffer.compare(one.data, other.data) !== 0;
  return result && one.isIntact() && other.isIntact(); // a frame without a lease may be overwritten
}
