import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { askStatus } from '@camstream/producer';
import t from 'tap';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const program = resolve(import.meta.dirname, '../../../packages/producer/bin/camstream-producer.mjs');

t.test('the running service tells what it does: status, metrics, health and the command', async (t) => {
  const service = await Service.start(t);
  const base = new URL(service.url('/'));
  const viewer = await MjpegViewer.open(service.urls('low')[0]);
  t.teardown(() => viewer.close());
  const pictures = viewer.pictures();
  for (let picture = 0; picture < 20; ++picture) await pictures.next();
  const status = await askStatus(base, undefined);
  t.match(status.health, { status: 'ok', reasons: [] });
  t.match(status.cameras, [{ name: 'main', state: 'live', source: 'test', ring: 'camera' }]);
  t.same(status.rings.map(({ name }) => name).sort(), ['analysis', 'camera', 'low', 'medium']);
  const low = status.streams.find(({ name }) => name === 'low');
  t.match(low, { codec: 'mjpeg', size: { width: 640, height: 480 }, encoder: { kind: 'sharp', step: 0 } });
  t.equal(low?.viewers.length, 1);
  t.ok((low?.viewers[0]?.sent ?? 0) >= 20);
  t.ok((low?.encoder.latenessMs ?? 0) > 0, 'measured');
  const medium = status.streams.find(({ name }) => name === 'medium');
  t.match(medium, { units: 0, viewers: [] }, 'nobody watches: nothing is made');
  const metrics = await (await fetch(new URL('metrics', base))).text();
  const value = (line: string) =>
    Number(
      metrics
        .split('\n')
        .find((one) => one.startsWith(line))
        ?.split(' ')[1],
    );
  t.ok(value('camstream_camera_frames_total{camera="main"}') > 20);
  t.equal(value('camstream_viewers{stream="low",protocol="mjpeg"}'), 1);
  const { stdout } = await run(process.execPath, [program, 'status', '--url', base.href]);
  t.match(stdout, /health: ok[\s\S]*^main +live +.*[\s\S]*^low +mjpeg +sharp/m);
  viewer.close();
  await until('the viewer has left', async () => {
    const left = await askStatus(base, undefined);
    return left.streams.every(({ viewers }) => viewers.length === 0);
  });
});

t.test('with a password nothing is told without it, on any port', async (t) => {
  const service = await Service.start(t, {
    config: `
cameras: { main: { source: test, mode: { width: 320, height: 240, rate: 30 } } }
rings: {}
streams: { low: { port: 0 } }
server: { httpPort: 0, auth: { user: operator, password: sesame } }
`,
  });
  const paths = ['/metrics', '/api/status', '/mjpeg/low', '/snapshot/low.jpg', '/', '/nothing'];
  for (const url of [...paths.map((path) => service.url(path)), service.urls('low')[0]]) {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      // A page of another origin asks: it neither gets an answer nor leave to read one.
      const headers = { origin: 'http://elsewhere.example', authorization: 'Basic b3BlcmF0b3I6d3Jvbmc=' };
      const answer = await fetch(url, { method, ...(method === 'HEAD' ? { headers } : {}) });
      t.equal(answer.status, 401, `${method} ${url}`);
      t.equal(answer.headers.get('access-control-allow-origin'), null);
      await answer.body?.cancel();
    }
  }
  const health = await fetch(service.url('/health'));
  t.same([health.status, await health.json()], [200, { status: 'ok' }]);
  const base = new URL(service.url('/'));
  t.match(await askStatus(base, { user: 'operator', password: 'sesame' }), { health: { status: 'ok' } });
  await t.rejects(askStatus(base, undefined), { code: 'AUTH_REQUIRED' });
  t.notMatch(JSON.stringify(service.logged('running')), /sesame/);
});
