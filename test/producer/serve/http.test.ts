import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { silentLog } from '@camstream/core';
import {
  createLogger,
  HttpServer,
  healthRoute,
  type JpegUnit,
  MjpegServer,
  mjpegRoute,
  type Routes,
  Stream,
  serveRoutes,
  snapshotRoute,
} from '@camstream/producer';
import t from 'tap';
import { until } from '../../support/until.js';

const loopback = [{ host: '127.0.0.1', optional: false }];
const options = {
  addresses: loopback,
  port: 0,
  maxConnections: 100,
  log: silentLog,
  stuckMs: 60_000,
  limitUnsent: () => true,
};
const hello: Routes = new Map([['/hello', ({ response }) => void response.end('hello\n')]]);

t.test('paths and methods that are not there', async (t) => {
  const server = await HttpServer.listen(options, serveRoutes(hello));
  t.teardown(() => server.close());
  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  t.equal(await (await get('/hello?x=1')).text(), 'hello\n');
  const missing = await get('/nothing');
  t.equal(missing.status, 404);
  t.match(await missing.text(), /Not found\. Here are:\n\/hello/);
  const wrong = await get('/hello', 'POST');
  t.equal(wrong.status, 405);
  t.equal(wrong.headers.get('allow'), 'GET, HEAD');
  t.equal((await get('/hello', 'HEAD')).status, 200);
  t.equal((await get('/%ff')).status, 400);
  t.equal((await get('/../../etc/passwd')).status, 404);
});

t.test('a port in use, a port of root and an address of another machine are told apart', async (t) => {
  const first = await HttpServer.listen(options, serveRoutes(hello));
  t.teardown(() => first.close());
  await t.rejects(HttpServer.listen({ ...options, port: first.port }, serveRoutes(hello)), {
    code: 'PORT_IN_USE',
    message: new RegExp(`port ${first.port} is in use by another program \\(127.0.0.1:${first.port}\\)`),
  });
  await asOrdinaryUser(() =>
    t.rejects(HttpServer.listen({ ...options, port: 80 }, serveRoutes(hello)), {
      code: 'PORT_PERMISSION',
      message: /127\.0\.0\.1:80: ports below 1024 need root/,
    }),
  );
  const elsewhere = [{ host: '192.0.2.1', optional: false }];
  await t.rejects(HttpServer.listen({ ...options, addresses: elsewhere }, serveRoutes(hello)), {
    code: 'ADDRESS_UNAVAILABLE',
    message: /"192.0.2.1" is no address of this machine/,
  });
  const nameless = [{ host: 'no-such-host.invalid', optional: false }];
  await t.rejects(HttpServer.listen({ ...options, addresses: nameless }, serveRoutes(hello)), {
    code: 'ADDRESS_UNAVAILABLE',
  });
  const skipped = [...loopback, { host: '192.0.2.1', optional: true }];
  const server = await HttpServer.listen({ ...options, addresses: skipped }, serveRoutes(hello));
  t.ok(server.port > 0, 'an optional address may be missing');
  await server.close();
});

t.test('a handler that throws is a 500 and a line in the log', async (t) => {
  const lines: string[] = [];
  const log = createLogger({ level: 'error', format: 'text' }, (line) => lines.push(line));
  const server = await HttpServer.listen({ ...options, log }, () => {
    throw new Error('of ours');
  });
  t.teardown(() => server.close());
  const answer = await fetch(`http://127.0.0.1:${server.port}/`);
  t.equal(answer.status, 500);
  t.notMatch(await answer.text(), /of ours/, 'the stack stays here');
  t.match(lines.join(''), /error a request could not be answered.*of ours/);
});

t.test('an MJPEG port serves its first stream at / and /stream, each by its name', async (t) => {
  const streams = ['left', 'right'].map((name) => new Stream<JpegUnit>(name, { add() {}, remove() {} }));
  const server = await MjpegServer.listen(
    streams.map((stream) => ({ stream, port: 0 })),
    options,
  );
  t.teardown(() => server.close());
  t.match(server.places, [
    { stream: 'left', path: '/' },
    { stream: 'right', path: '/' },
  ]);
  t.not(server.places[0]?.port, server.places[1]?.port, 'each 0 is a port of its own');
  const port = server.places[0]?.port;
  for (const path of ['/', '/stream', '/left']) {
    t.equal((await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })).status, 200, path);
  }
});

t.test('pictures arrive framed as documented, and the stream ends with the closing boundary', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const server = await HttpServer.listen(options, serveRoutes(new Map([['/', mjpegRoute(stream, options)]])));
  const viewer = await open(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const answer = readAll(viewer);
  await until('one viewer', () => stream.viewerCount === 1);
  stream.publish(unit(1, 'first'));
  stream.publish(unit(2, 'second'));
  stream.end();
  await server.close();
  const [head, ...parts] = (await answer).split('--camstream');
  t.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  for (const header of ['Cache-Control: no-store', 'X-Accel-Buffering: no', 'Connection: close'])
    t.match(head, header);
  t.notMatch(head, /chunked/i);
  t.match(parts[0], /Content-Length: 5\r\nX-Timestamp: \d+\.\d{6}\r\n[\s\S]*\r\n\r\nfirst\r\n$/);
  t.match(parts[1], /X-Sequence: 2\r\nX-Dropped: 0\r\n\r\nsecond\r\n$/);
  t.equal(parts[2], '--\r\n');
  t.equal(stream.viewerCount, 0);
});

t.test('a browser gets the next headers behind each picture', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const server = await HttpServer.listen(options, serveRoutes(new Map([['/', mjpegRoute(stream, options)]])));
  const viewer = await open(server.port, 'GET / HTTP/1.0\r\nUser-Agent: Mozilla/5.0\r\n\r\n');
  const answer = readAll(viewer);
  await until('one viewer', () => stream.viewerCount === 1);
  stream.publish(unit(1, 'first'));
  stream.end();
  await server.close();
  const head = '--camstream\r\nContent-Type: image/jpeg\r\n\r\n';
  t.equal(
    (await answer).split('\r\n\r\n').slice(1).join('\r\n\r\n'),
    `${head}first\r\n${head}\r\n--camstream--\r\n`,
  );
});

t.test('one viewer that never reads loses pictures, another gets them all', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const lines: string[] = [];
  const log = createLogger({ level: 'info', format: 'json' }, (line) => lines.push(line));
  const server = await HttpServer.listen(
    options,
    serveRoutes(new Map([['/', mjpegRoute(stream, { log, stuckMs: 60_000, limitUnsent: () => true })]])),
  );
  t.teardown(() => server.close());
  const deaf = await open(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  deaf.pause();
  const reader = await open(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('two viewers', () => stream.viewerCount === 2);
  const picture = 'x'.repeat(1_000_000);
  let received = 0;
  reader.on('data', (data) => {
    received += data.length;
  });
  for (let sequence = 1; sequence <= 30; ++sequence) {
    stream.publish(unit(sequence, picture));
    await until('the picture has come', () => received >= sequence * picture.length);
  }
  t.ok(received >= 30 * picture.length, 'all 30 pictures');
  deaf.destroy();
  reader.destroy();
  await until(
    'both have left',
    () => stream.viewerCount === 0 && lines.filter((line) => line.includes('viewer left')).length === 2,
  );
  const left = lines.filter((line) => line.includes('viewer left')).map((line) => JSON.parse(line));
  t.same(left.map(({ dropped }) => dropped > 0).sort(), [false, true]);
  t.equal(Math.max(...left.map(({ sent }) => sent)), 30);
});

t.test('a viewer that hangs is disconnected, one whose camera hangs is not', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const route = mjpegRoute(stream, { log: silentLog, stuckMs: 500, limitUnsent: () => true });
  const server = await HttpServer.listen(options, serveRoutes(new Map([['/', route]])));
  t.teardown(() => server.close());
  const patient = await open(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  patient.resume();
  await until('one viewer', () => stream.viewerCount === 1);
  const deaf = await open(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  deaf.pause();
  await until('two viewers', () => stream.viewerCount === 2);
  for (let sequence = 1; sequence <= 3; ++sequence) stream.publish(unit(sequence, 'x'.repeat(10_000_000)));
  await until('one is disconnected', () => stream.viewerCount < 2);
  t.equal(patient.closed, false, 'no picture came for as long, and it is still there');
  t.equal(stream.viewerCount, 1);
  deaf.destroy();
  patient.destroy();
});

t.test('a snapshot is a picture with its time, or 503 with the reason', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const server = await HttpServer.listen(options, serveRoutes(new Map([['/', snapshotRoute(stream, 50)]])));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${server.port}/`;
  t.equal((await fetch(url, { method: 'HEAD' })).status, 200);
  const none = fetch(url);
  const late = await none;
  t.equal(late.status, 503);
  t.match(await late.text(), /PICTURE_TIMEOUT: stream "low" gave no picture/);
  stream.publish(unit(9, 'picture'));
  const answer = await fetch(url);
  t.equal(answer.headers.get('content-type'), 'image/jpeg');
  t.equal(answer.headers.get('content-length'), '7');
  t.equal(answer.headers.get('x-sequence'), '9');
  t.match(answer.headers.get('x-timestamp'), /^\d+\.\d{6}$/);
  t.equal(await answer.text(), 'picture');
});

t.test('/health is 200, or 503 with the reasons', async (t) => {
  let reasons: string[] = [];
  const server = await HttpServer.listen(
    options,
    serveRoutes(new Map([['/health', healthRoute(() => ({ reasons }))]])),
  );
  t.teardown(() => server.close());
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/health`);
    return [answer.status, await answer.json()];
  };
  t.same(await health(), [200, { status: 'ok', reasons: [] }]);
  reasons = ['camera main: no frames'];
  t.same(await health(), [503, { status: 'failing', reasons: ['camera main: no frames'] }]);
});

t.test('IPv6 addresses are listened on as well', async (t) => {
  const server = await HttpServer.listen(
    { ...options, addresses: [...loopback, { host: '::1', optional: true }] },
    serveRoutes(hello),
  );
  t.teardown(() => server.close());
  const answer = await new Promise<number | undefined>((resolve) => {
    request({ host: '::1', port: server.port, path: '/hello' }, ({ statusCode }) => resolve(statusCode))
      .on('error', () => resolve(undefined))
      .end();
  });
  if (answer === undefined) t.pass('', { skip: 'this machine has no IPv6' });
  else t.equal(answer, 200, 'the same port on both');
});

function unit(sequence: number, text: string): JpegUnit {
  return {
    codec: 'jpeg',
    data: Buffer.from(text),
    sequence,
    capturedAtNs: process.hrtime.bigint(),
    width: 16,
    height: 16,
  };
}

async function open(port: number, text: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** Without root's rights to low ports, where the test has them. */
async function asOrdinaryUser(use: () => Promise<unknown>): Promise<void> {
  const user = process.geteuid?.();
  if (user === 0) process.seteuid?.(65534);
  try {
    await use();
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
}
