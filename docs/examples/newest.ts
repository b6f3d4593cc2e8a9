import { connect } from '@camstream/consumer';

const camera = await connect('analysis'); // waits for the ring, and survives the producer's restarts
let frames = 0;
for await (const frame of camera.frames()) {
  const { sequence, width, height, format, missed } = frame;
  const ageMs = Number(process.hrtime.bigint() - frame.capturedAtNs) / 1e6;
  console.log(`${sequence}: ${width}x${height} ${format}, ${ageMs.toFixed(1)} ms old, ${missed} missed`);
  console.log('first byte:', frame.data[0]);
  if (++frames === 5) break; // asking for the next frame, or leaving the loop, releases this one
}
camera.close();
