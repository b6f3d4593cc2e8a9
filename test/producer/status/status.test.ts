import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { silentLog } from '@camstream/core';
import {
  Authenticator,
  askStatus,
  Gate,
  HttpServer,
  type Routes,
  type Status,
  serveRoutes,
  statusRoute,
  statusTable,
} from '@camstream/producer';
import t, { type Test } from 'tap';

const program = resolve(import.meta.dirname, '../../../../packages/producer/bin/camstream-producer.mjs');
const account = { user: 'operator', password: 'sesame: "£"' };

const sample: Status = {
  statusVersion: 1,
  service: { name: 'camstream', version: '1.2.3', pid: 4711, uptimeSeconds: 7300, refusedPasswords: 0 },
  health: { status: 'failing', reasons: ['camera main: no frames'] },
  cameras: [
    {
      name: 'main',
      state: 'stalled',
      source: 'test',
      description: 'test picture 1920x1080 yuyv 60/s',
      ring: 'camera',
      frames: { captured: 100, dropped: 3, corrupt: 2, timesEstimated: 0 },
      io: 'none',
      tracks: [],
    },
  ],
  h264Encoders: [{ encoder: 'libx264', works: true, reason: '' }],
  rings: [
    {
      name: 'camera',
      picture: { width: 1920, height: 1080, format: 'yuyv' },
      rate: 60,
      slots: 24,
      bytes: 99_532_800,
      published: 100,
      readers: 1,
      leases: 2,
      revoked: 3,
    },
  ],
  streams: [
    {
      name: 'low',
      camera: 'main',
      codec: 'mjpeg',
      size: { width: 640, height: 480 },
      units: 90,
      encoder: {
        kind: 'sharp',
        step: 1,
        steps: ['as configured', 'quality 60'],
        steppedDown: 1,
        steppedUp: 0,
        latenessMs: 12.3,
        framesIn: 95,
        unitsOut: 90,
        framesDropped: 5,
        restarts: 0,
      },
      viewers: [
        {
          protocol: 'mjpeg',
          address: '192.0.2.7:5000',
          sent: 80,
          dropped: 10,
          bytes: 1_000_000,
          rate: 14.9,
          forMs: 6200,
        },
      ],
      delivered: { mjpeg: { viewers: 1, sent: 80, dropped: 10, bytes: 1_000_000 } },
    },
  ],
};

t.test('the table has a line for each part', async (t) => {
  t.equal(
    statusTable(sample),
    `camstream 1.2.3, process 4711, up 2 h
health: failing
  camera main: no frames

CAMERA  STATE    SOURCE                            CAPTURED  DROPPED  CORRUPT
main    stalled  test picture 1920x1080 yuyv 60/s  100       3        2

RING    PICTURE         PUBLISHED  READERS  LEASES  REVOKED  SIZE
camera  1920x1080 yuyv  100        1        2       3        99.5 MB

STREAM  CODEC  ENCODER  STEP           PICTURES  LATE     LEFT OUT  RESTARTS  VIEWERS
low     mjpeg  sharp    1: quality 60  90        12.3 ms  5         0         1

VIEWER          STREAM  BY     RATE    SENT  DROPPED  FOR
192.0.2.7:5000  low     mjpeg  14.9/s  80    10       6 s`,
  );
});

t.test('the running service is asked, by digest where it wants a password', async (t) => {
  const open = await serve(t, new Map([['/api/status', statusRoute(() => sample)]]));
  t.same(await askStatus(open, undefined), sample);
  const seen: string[] = [];
  const closed = await serve(t, new Map([['/api/status', statusRoute(() => sample)]]), (header) =>
    seen.push(header),
  );
  t.same(await askStatus(closed, account), sample);
  t.match(seen.at(-1), /^Digest .*algorithm=SHA-256/, 'the password does not go over the line');
  await t.rejects(askStatus(closed, undefined), {
    code: 'AUTH_REQUIRED',
    message: /wants a user and a password/,
  });
  await t.rejects(askStatus(closed, { ...account, password: 'wrong' }), {
    code: 'AUTH_REQUIRED',
    message: /does not take the password of "operator"/,
  });
});

t.test('nobody there, and somebody else there, are told apart', async (t) => {
  await t.rejects(askStatus(new URL('http://127.0.0.1:9/'), undefined), {
    code: 'STATUS_UNREACHABLE',
    message: /no service answers at 127\.0\.0\.1:9 .*--url/,
  });
  const others: Routes = new Map([
    ['/html/api/status', ({ response }) => void response.end('<html>')],
    ['/json/api/status', ({ response }) => void response.end('{"statusVersion":2}')],
    ['/null/api/status', ({ response }) => void response.end('null')],
    ['/away/api/status', ({ response }) => void response.writeHead(302, { location: '/x' }).end()],
    ['/flood/api/status', ({ response }) => void response.end(Buffer.alloc(17 * 2 ** 20, 32))],
  ]);
  const other = await serve(t, others);
  for (const path of ['html', 'json', 'null', 'flood', 'nothing']) {
    await t.rejects(
      askStatus(new URL(`${path}/`, other), undefined),
      { code: 'STATUS_NOT_CAMSTREAM', message: /is not a camstream service/ },
      path,
    );
  }
  await t.rejects(askStatus(new URL('away/', other), undefined), { code: 'STATUS_UNREACHABLE' });
});

t.test('camstream-producer status prints it and says by its exit code how the service does', async (t) => {
  let status: Status = sample;
  const base = await serve(t, new Map([['/api/status', statusRoute(() => status)]]));
  const failing = await run('status', '--http-port', base.port);
  t.equal(failing.code, 1);
  t.match(failing.stdout, /camera main: no frames[\s\S]*VIEWER/);
  status = { ...sample, health: { status: 'ok', reasons: [] } };
  const json = await run('status', '--json', '--url', base.href);
  t.same([json.code, JSON.parse(json.stdout)], [0, status]);
  const none = await run('status', '--url', 'http://127.0.0.1:9');
  t.equal(none.code, 1);
  t.match(none.stderr, /^STATUS_UNREACHABLE: /);
  const wrong = await run('status', '--url', 'file://user:secret@host/etc');
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /USAGE: --url: wanted http:/);
  t.notMatch(wrong.stderr, /secret/);
});

async function serve(t: Test, routes: Routes, onHeader?: (authorization: string) => void): Promise<URL> {
  const gate = onHeader && new Gate(new Authenticator(account), silentLog, 10);
  const handler = serveRoutes(routes, gate && { gate, open: [] });
  const server = await HttpServer.listen(
    { addresses: [{ host: '127.0.0.1', optional: false }], port: 0, maxConnections: 100, log: silentLog },
    (request, response) => {
      onHeader?.(request.headers.authorization ?? '');
      return handler(request, response);
    },
  );
  t.teardown(() => server.close());
  return new URL(`http://127.0.0.1:${server.port}/`);
}

async function run(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args]);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}
