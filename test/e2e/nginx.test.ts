import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { askStatus } from '@camstream/producer';
import t from 'tap';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { startNginx } from '../support/nginx.js';
import { Service } from '../support/service.js';

// Behind Debian's nginx, under a path prefix.

const run = promisify(execFile);
const rate = 5;
const config = `
cameras: { main: { source: test, mode: { width: 160, height: 120, rate: 60, format: yuyv } } }
rings: {}
streams:
  small: { codec: mjpeg, width: 64, height: 48, rate: ${rate}, quality: 30 }
  low: { width: 160, height: 120 }
`;

t.test('each picture passes when it is made, with nginx as it comes', async (t) => {
  const service = await Service.start(t, { config: `${config}server: { httpPort: 0 }` });
  const { port } = new URL(service.url('/'));
  const proxy = await startNginx(
    t,
    `location /cameras/hall/ { proxy_pass http://127.0.0.1:${port}/; }
     location /buffered/ { proxy_pass http://127.0.0.1:${port}/; proxy_ignore_headers X-Accel-Buffering; }`,
  );
  const path = '/mjpeg/small';
  const direct = await latencies(service.url(path));
  const behind = await latencies(`${proxy}/cameras/hall${path}`);
  t.comment(`median from capture to viewer: ${median(direct)} ms, behind nginx ${median(behind)} ms`);
  t.ok(median(behind) < median(direct) + 1000 / rate / 2, 'not kept until the next picture comes');
  const buffered = await latencies(`${proxy}/buffered${path}`);
  t.comment(`were it not for X-Accel-Buffering: no, ${median(buffered)} ms`);
  t.ok(median(buffered) > median(behind) + 1000 / rate / 2, 'nginx would have kept them');

  const snapshot = await fetch(`${proxy}/cameras/hall/snapshot/small.jpg`);
  t.same([snapshot.status, snapshot.headers.get('content-type')], [200, 'image/jpeg']);
  t.equal((await fetch(`${proxy}/cameras/hall/nothing`)).status, 404);
  t.match(await askStatus(new URL(`${proxy}/cameras/hall/`), undefined), { health: { status: 'ok' } });
});

t.test('the password is asked for and taken through the proxy, by digest too', async (t) => {
  const server = 'server: { httpPort: 0, auth: { user: operator, password: sesame } }';
  const service = await Service.start(t, { config: `${config}${server}` });
  const { port } = new URL(service.url('/'));
  const proxy = await startNginx(t, `location /cameras/hall/ { proxy_pass http://127.0.0.1:${port}/; }`);
  const url = `${proxy}/cameras/hall/snapshot/small.jpg`;
  t.equal((await fetch(url)).status, 401);
  for (const how of ['--basic', '--digest']) {
    const { stdout } = await run('curl', [
      ...['-s', '-o', '/dev/null', '-w', '%{http_code}', how, '-u', 'operator:sesame', url],
    ]);
    t.equal(stdout, '200', how);
  }
  const account = { user: 'operator', password: 'sesame' };
  t.match(await askStatus(new URL(`${proxy}/cameras/hall/`), account), { statusVersion: 1 });
});

/** Of fifteen pictures in a row, ms from capture to here. */
async function latencies(url: string): Promise<number[]> {
  const viewer = await MjpegViewer.open(url);
  const found: number[] = [];
  for await (const { latencyMs } of viewer.pictures()) {
    found.push(latencyMs);
    if (found.length === 15) break;
  }
  viewer.close();
  return found.slice(3);
}

function median(values: readonly number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN);
}
