import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { connect } from '@camstream/consumer';
import { askStatus, type Status } from '@camstream/producer';
import t from 'tap';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

// Load control on a real machine. What it decides is tested by numbers in producer/feed; here it is seen that
// the measured lateness of real encoders leads there and back. docs/performance.md has it over time.

t.setTimeout(200_000);

const config = `
cameras: { main: { source: test } }
rings: {}
streams:
  high: { warm: true }
  medium: { warm: true, port: 0 }
  low: { warm: true, port: 0 }
server: { httpPort: 0, load: { afterMs: 500, calmMs: 1000 } }
`;
const loopsPerCore = 3;
const wantedRate = 60;

t.test('when the CPU is taken away streams step down, raw frames go on, and all come back', async (t) => {
  const service = await Service.start(t, { config });
  const base = new URL(service.url('/'));
  const ask = () => askStatus(base, undefined);
  process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
  const camera = await connect('camera');
  t.teardown(() => camera.close());
  await until('every encoder works', async () => (await ask()).streams.every(({ units }) => units > 0));

  const loops = Array.from({ length: loopsPerCore * availableParallelism() }, busyLoop);
  t.teardown(() => stop(loops));
  const before = await ask();
  const beganMs = performance.now();
  const [frames, stepped] = await Promise.all([
    readFor(camera, 10_000),
    until('a step down, or ten seconds without need', async () => {
      const now = await ask();
      if (stepsDown(now) > 0) return now;
      return performance.now() - beganMs > 10_000 ? 'none' : undefined;
    }),
  ]);
  const after = await ask();
  const seconds = (performance.now() - beganMs) / 1000;
  const captured = (captures(after) - captures(before)) / seconds;
  t.comment(
    `camera ${captured.toFixed(1)}/s, a reader of it ${(frames / 10).toFixed(1)}/s, ${stepsText(after)}`,
  );
  t.ok(captured > wantedRate / 2, `${captured.toFixed(1)} frames a second were captured`);
  if (stepped === 'none') t.comment(`a machine of ${availableParallelism()} cores does not mind`);
  else {
    t.ok(service.logged('stream stepped down: its encoder cannot keep up').length > 0, 'the log says so');
    const metrics = await (await fetch(new URL('metrics', base))).text();
    t.match(metrics, /^camstream_encoder_stepped_down_total\{stream="\w+"\} [1-9]/m);
    const [step] = stepped.streams.filter(({ encoder }) => encoder.steppedDown > 0);
    t.ok((step?.encoder.steps.length ?? 0) > 1);
  }

  stop(loops);
  if (stepped !== 'none') {
    await until(
      'a step up again',
      async () => (await ask()).streams.some(({ encoder }) => encoder.steppedUp > 0),
      120_000,
    );
    t.ok(service.logged('stream stepped up again').length > 0);
  }
  t.match((await ask()).health, { status: 'ok' });
});

function busyLoop(): ChildProcess {
  return spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
}

function stop(loops: readonly ChildProcess[]): void {
  for (const loop of loops) loop.kill('SIGKILL');
}

async function readFor(camera: Awaited<ReturnType<typeof connect>>, ms: number): Promise<number> {
  const endMs = performance.now() + ms;
  let frames = 0;
  for await (const _ of camera.frames()) {
    ++frames;
    if (performance.now() > endMs) return frames;
  }
  return frames;
}

function captures({ cameras }: Status): number {
  return cameras[0]?.frames.captured ?? 0;
}

function stepsDown({ streams }: Status): number {
  return streams.reduce((sum, { encoder }) => sum + encoder.steppedDown, 0);
}

function stepsText({ streams }: Status): string {
  return streams.map(({ name, encoder: { step, steps } }) => `${name} at ${steps[step] ?? ''}`).join('; ');
}
