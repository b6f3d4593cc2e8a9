import { connect } from '@camstream/consumer';

const camera = await connect('analysis', { timeoutMs: 10_000 });
camera.on('gap', ({ missed, sequence }) => console.log(`${missed} frames lost before ${sequence}`));
camera.on('stalled', ({ reason }) => console.log(`no frames for now: ${reason}`));
camera.on('restarted', ({ width, height }) => console.log(`another producer: ${width}x${height}`));
let frames = 0;
for await (const frame of camera.frames('every')) {
  const brightest = frame.data.reduce((most, byte) => Math.max(most, byte), 0);
  console.log(`${frame.sequence}: brightest byte ${brightest}`);
  if (++frames === 5) break;
}
camera.close();
