import { connect } from '@camstream/consumer';
import t from 'tap';
import { Service } from '../support/service.js';

// A stream of codec raw: a ring of its own, and no network.

const config = `
cameras: { main: { source: test, mode: { width: 640, height: 360, rate: 30 } } }
rings: {}
streams:
  preview: { codec: raw, width: 160, height: 90, rate: 10, format: nv12 }
  low: { width: 320, height: 180, codec: mjpeg, port: 0 }
server: { httpPort: 0, rtspPort: 0 }
`;

t.test('a raw stream is read through shared memory at its size, rate and format', async (t) => {
  const service = await Service.start(t, { config });
  process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
  const ring = await connect('preview', { timeoutMs: 10_000 });
  const capturedNs: bigint[] = [];
  for await (const frame of ring.frames('every')) {
    t.match(frame, { width: 160, height: 90, format: 'nv12' });
    capturedNs.push(frame.capturedAtNs);
    if (capturedNs.length === 15) break;
  }
  ring.close();
  const spacings = capturedNs.slice(1).map((each, index) => Number(each - (capturedNs[index] ?? 0n)) / 1e6);
  const mean = spacings.reduce((sum, each) => sum + each, 0) / spacings.length;
  t.ok(mean > 90 && mean < 200, `10 a second: one each ${mean.toFixed(0)} ms`);
  const { streams } = (await (await fetch(service.url('/api/status'))).json()) as {
    streams: { name: string }[];
  };
  t.notOk(
    streams.some(({ name }) => name === 'preview'),
    'nothing encodes it',
  );
  t.equal((await fetch(service.url('/mjpeg/preview'))).status, 404);
  t.match(await service.stop(), { code: 0 });
});
