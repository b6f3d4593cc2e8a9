import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { silentLog } from '@camstream/core';
import {
  createLogger,
  HttpServer,
  type JpegUnit,
  mjpegRoute,
  type Routes,
  Stream,
  serveRoutes,
} from '@camstream/producer';
import t, { type Test } from 'tap';
import { until } from '../../support/until.js';

// What a stranger may send too much, too little or too slowly of.

const request = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';

t.test('what is no request, or too long, is answered and hung up on', async (t) => {
  const { port } = await serve(t, {});
  const say = (text: string) => ask(port, text);
  t.match(await say('rubbish\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\n/);
  t.match(await say('GET /hello HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /, 'no Host');
  t.match(await say(`GET /hello HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(9000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  t.match(await say(`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`), /^HTTP\/1\.1 431 /);
  t.match(await say('GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /);
  t.match(await say('BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 400 /);
  const withBody = 'GET /echo?1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n';
  t.match(await say(withBody), /connection: close/i, 'a body is not waited for');
  t.match(await say(request), /^HTTP\/1\.1 200 /, 'others are served');
});

t.test('a request that arrives drop by drop is ended, others go on meanwhile', async (t) => {
  const { port } = await serve(t, { requestTimeoutMs: 500 });
  const slow = await open(port, 'GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  const drip = setInterval(() => slow.write('a'), 50);
  t.teardown(() => clearInterval(drip));
  const answer = readAll(slow);
  t.match(await ask(port, request), /^HTTP\/1\.1 200 /);
  t.match(await answer, /^HTTP\/1\.1 408 Request Timeout/);
});

t.test('a body that arrives drop by drop, or on and on, is not read to its end', async (t) => {
  const { port } = await serve(t, {});
  for (const announced of ['Content-Length: 1000000000', 'Transfer-Encoding: chunked']) {
    const socket = await open(port, `POST /hello HTTP/1.1\r\nHost: x\r\n${announced}\r\n\r\n1\r\na`);
    const drip = setInterval(() => socket.destroyed || socket.write('\r\n1\r\na'), 20);
    t.teardown(() => clearInterval(drip));
    const answer = await readAll(socket);
    t.match(answer, /^HTTP\/1\.1 405 [\s\S]*\r\nConnection: close\r\n/);
    await until(`it is hung up on: ${announced}`, () => socket.closed);
  }
  t.match(await ask(port, request), /^HTTP\/1\.1 200 /);
});

t.test("what is no HTTP behind a request is refused, RTSP's packets too", async (t) => {
  const { port } = await serve(t, {});
  for (const garbage of ['$\x00\x00\x04abcd', '\x16\x03\x01\x02\x00', '\0'.repeat(5000)]) {
    const answer = await ask(port, `GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n${garbage}${request}`);
    t.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*echo 1\nHTTP\/1\.1 400 Bad Request\r\n/);
    t.notMatch(answer, 'hello', 'nothing behind it is answered');
    t.match(await ask(port, garbage), /^HTTP\/1\.1 400 Bad Request\r\n/);
  }
});

t.test('a thousand silent connections are bounded, and whoever asks is answered', async (t) => {
  const lines: string[] = [];
  const { port } = await serve(t, { maxConnections: 50, lines });
  const silent = await Promise.all(Array.from({ length: 1000 }, () => open(port)));
  await until('all but fifty are closed', () => silent.filter(({ closed }) => closed).length >= 950);
  t.equal(silent.filter(({ closed }) => !closed).length, 50);
  for (let time = 0; time < 20; ++time) t.match(await ask(port, request), /^HTTP\/1\.1 200 OK[\s\S]*hello/);
  t.match(lines.join(''), /silent connection closed for a new one/);
  t.ok(lines.length <= 20, 'told now and then, not a thousand times');
});

t.test('silent connections are told so after the time for a request', { timeout: 60_000 }, async (t) => {
  const { port } = await serve(t, { requestTimeoutMs: 300 });
  const silent = await Promise.all(Array.from({ length: 20 }, () => open(port)));
  const answers = await Promise.all(silent.map(readAll));
  for (const answer of answers) t.match(answer, /^HTTP\/1\.1 408 Request Timeout/);
});

t.test('where all connections are at work, one more gets 503, and a place once there is one', async (t) => {
  const lines: string[] = [];
  const { port, stream } = await serve(t, { maxConnections: 2, lines });
  const viewers = [await open(port, watch), await open(port, watch)] as const;
  for (const viewer of viewers) viewer.resume();
  await until('two viewers', () => stream.viewerCount === 2);
  const refused = await ask(port, request);
  t.match(refused, /^HTTP\/1\.1 503 /);
  t.match(refused, /\r\nRetry-After: 5\r\n/);
  t.match(refused, /\r\nConnection: close\r\n/);
  t.equal(stream.viewerCount, 2, 'those who are there stay');
  t.match(lines.join(''), /connection refused: too many at once/);
  viewers[0].destroy();
  await until('one has left', () => stream.viewerCount === 1);
  t.match(await ask(port, request), /^HTTP\/1\.1 200 /);
});

t.test('connections far above the limit are closed unheard, viewers stay', async (t) => {
  const { port, stream } = await serve(t, { maxConnections: 2 });
  const viewers = [await open(port, watch), await open(port, watch)];
  for (const viewer of viewers) viewer.resume();
  await until('two viewers', () => stream.viewerCount === 2);
  const many = await Promise.all(Array.from({ length: 100 }, () => open(port)));
  await until('most are closed', () => many.filter(({ closed }) => closed).length >= 84);
  t.equal(stream.viewerCount, 2);
});

t.test('half a request, and one whose sender leaves, leave nothing behind', async (t) => {
  const { port } = await serve(t, {});
  const halves = [
    'G',
    'GET /hel',
    'GET /hello HTTP/1.1\r\nHo',
    'POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc',
  ];
  for (const half of halves) {
    const socket = await open(port, half);
    socket.end();
    await readAll(socket);
    (await open(port, half)).destroy();
  }
  t.match(await ask(port, request), /^HTTP\/1\.1 200 /);
  const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap');
  await until('no connection is left', () => sockets().length === 0);
});

t.test('requests in one go are answered in their order', async (t) => {
  const { port } = await serve(t, {});
  const paths = Array.from({ length: 50 }, (_, index) => `/echo?${index}`);
  const last = `GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  const all = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('');
  const answer = await ask(port, all + last);
  t.same(
    [...answer.matchAll(/^echo (\d+)$/gm)].map(([, number]) => Number(number)),
    paths.map((_, index) => index),
  );
  t.match(answer, /hello\n$/);
});

t.test('whoever asks on and on and reads nothing is not read from any more', async (t) => {
  const { port, bytesRead } = await serve(t, {});
  const socket = await open(port);
  socket.pause();
  const flood = Buffer.from('GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
  let flushed = 0;
  const more = () => {
    if (!socket.destroyed) socket.write(flood, () => void ++flushed);
  };
  for (let time = 0; time < 2000; ++time) more(); // 66 MB
  let before = -1;
  await until('the server reads no more', () => {
    const now = bytesRead();
    const stands = now === before && now > 0;
    before = now;
    return stands;
  });
  t.ok(bytesRead() < 8e6, `${bytesRead()} bytes were taken of ${flood.length * 2000}`);
  t.match(await ask(port, request), /^HTTP\/1\.1 200 /, 'others are served');
  socket.destroy();
});

t.test('a request behind that of a stream ends with the stream', async (t) => {
  const { port, stream } = await serve(t, {});
  const socket = await open(port, `${watch}${request}`);
  const answer = readAll(socket);
  await until('one viewer', () => stream.viewerCount === 1);
  stream.end();
  t.match(await answer, /--camstream--\r\n$/, 'nothing follows the stream');
});

t.test('many small requests at once from many clients are all answered', async (t) => {
  const { port } = await serve(t, {});
  const answers = await Promise.all(Array.from({ length: 90 }, () => ask(port, request)));
  t.equal(answers.filter((answer) => answer.startsWith('HTTP/1.1 200 OK')).length, 90);
});

const watch = 'GET /watch HTTP/1.1\r\nHost: x\r\n\r\n';

interface Limits {
  readonly maxConnections?: number;
  readonly requestTimeoutMs?: number;
  readonly lines?: string[];
}

async function serve(t: Test, { maxConnections = 100, requestTimeoutMs = 10_000, lines }: Limits) {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const log = lines ? createLogger({ level: 'info', format: 'text' }, (line) => lines.push(line)) : silentLog;
  const large = Buffer.alloc(10_000, 97);
  let read = () => 0;
  const routes: Routes = new Map([
    ['/hello', ({ response }) => void response.setHeader('Connection', 'close').end('hello\n')],
    ['/echo', ({ request, response }) => void response.end(`echo ${request.url?.split('?')[1]}\n`)],
    ['/watch', mjpegRoute(stream, { log: silentLog, stuckMs: 60_000, limitUnsent: () => true })],
    [
      '/large',
      ({ request: { socket }, response }) => {
        read = () => socket.bytesRead;
        response.end(large);
      },
    ],
  ]);
  const server = await HttpServer.listen(
    {
      addresses: [{ host: '127.0.0.1', optional: false }],
      port: 0,
      maxConnections,
      requestTimeoutMs,
      log,
    },
    serveRoutes(routes),
  );
  t.teardown(() => server.close());
  return { port: server.port, stream, bytesRead: () => read() };
}

const sockets = new Set<Socket>();
t.teardown(() => {
  for (const socket of sockets) socket.destroy();
});

async function open(port: number, text = ''): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
  if (text === '') socket.resume();
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function ask(port: number, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  socket.write(text);
  return readAll(socket);
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}
