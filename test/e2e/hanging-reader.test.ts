import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { FrameHolder } from '../support/frame-holder.js';
import { Service } from '../support/service.js';

// What the operator learns of a reader that hangs while it holds a frame.

const run = promisify(execFile);
const inspect = fileURLToPath(
  new URL('../../../packages/consumer/bin/camstream-inspect.mjs', import.meta.url),
);
const leaseTimeoutMs = 2000;
const warn = 40; // pino's level
t.setTimeout(120_000);
const config = `
cameras: { main: { source: test, mode: { width: 320, height: 240, rate: 30 } } }
rings:
  camera: { leaseTimeoutMs: ${leaseTimeoutMs} }
  analysis: { width: 160, height: 120, leaseTimeoutMs: ${leaseTimeoutMs} }
streams:
  low: { port: 0 }
server: { httpPort: 0 }
`;

t.test('a reader that hangs loses its frame, and the log and camstream-inspect say so', async (t) => {
  const service = await Service.start(t, { config });
  const rings = { camera: 'camera main', analysis: 'ring analysis' };
  const holders: FrameHolder[] = [];
  for (const ring of Object.keys(rings)) {
    t.equal((await report(ring)).revoked, 0);
    const holder = await FrameHolder.start(t, ring, service.ringRoot);
    // Not later: one that runs saves its frame as a copy and gives the lease back before it is too late.
    t.match(await holder.take(), { leased: true });
    await holder.stop();
    holders.push(holder);
  }
  for (const [ring, who] of Object.entries(rings)) {
    const line = `${who}: took frames away from a reader that hangs`;
    await service.line(line);
    t.match(service.logged(line), [{ level: warn, leases: 1 }]);
    while ((await report(ring)).revoked !== 1);
  }
  for (const holder of holders) {
    holder.resume();
    t.match(await holder.look(), { intact: false });
    t.match(await holder.take(), { leased: true }, 'it goes on with the next');
  }
  t.equal((await fetch(service.url('/health'))).status, 200, 'that is no failure of the service');
  t.match(await service.stop(), { code: 0 });

  async function report(ring: string): Promise<{ revoked: number }> {
    const env = { ...process.env, CAMSTREAM_RING_ROOT: service.ringRoot };
    const { stdout } = await run(process.execPath, [inspect, ring, '--json'], { env });
    return JSON.parse(stdout);
  }
});
