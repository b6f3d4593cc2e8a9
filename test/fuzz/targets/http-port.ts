import { once } from 'node:events';
import { connect } from 'node:net';
import { type Log, silentLog } from '@camstream/core';
import { HttpServer, serveRoutes } from '@camstream/producer';
import type { FuzzTarget } from '../fuzzer.js';
import { httpRequests, httpWords, routes } from '../http-words.js';

const raw = (lines: string) => {
  const [first = '', ...headers] = lines.split('\n');
  return `${[`${first} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`;
};
const get = (...headers: readonly string[]) => raw(['GET /health', ...headers].join('\n'));

const texts = [
  ...httpRequests.map(raw),
  httpRequests.map(raw).join(''),
  `${raw('POST /health\ntransfer-encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
  `${raw('POST /health\ncontent-length: 5')}hello${get()}`,
  get('expect: 100-continue', 'content-length: 5'),
  get('connection: upgrade', 'upgrade: websocket'),
  raw('CONNECT x:1'),
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  get(`x: ${'y'.repeat(9000)}`),
  get(`x: y${' '.repeat(8000)}z`),
  get(...Array.from({ length: 300 }, (_, index) => `x-${index}: y`)),
  raw(`GET /?${'a=b&'.repeat(1500)}`),
  `${raw('POST /\ncontent-length: 60000')}${'a'.repeat(60_000)}`,
  get().repeat(800),
  `${get()}$\x00\x00\x04abcd${get()}`,
];
const statuses = new Set([100, 200, 400, 404, 405, 417, 431, 503]);

/**
 * Bytes to a port that listens, and the connection half closed: the server answers, or not, and hangs up.
 * Close() when it is over.
 */
export async function openHttpPort(): Promise<FuzzTarget & { close(): Promise<void> }> {
  let trouble: unknown;
  const log: Log = {
    ...silentLog,
    error: (details) => {
      trouble = details;
    },
  };
  const server = await HttpServer.listen(
    { addresses: [{ host: '127.0.0.1', optional: false }], port: 0, maxConnections: 4, log },
    serveRoutes(routes),
  );
  return {
    name: 'http-port',
    scripts: '/packages/producer/dist/serve/',
    mostBytes: 65_536,
    seeds: texts.map((text) => Buffer.from(text, 'latin1')),
    words: [...httpWords, ' HTTP/1.1\r\n', '\r\n', '\r\n\r\n', 'host: x\r\n', 'content-length: ', 'chunked'],
    async run(input) {
      const socket = connect(server.port, '127.0.0.1');
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => void chunks.push(chunk));
      socket.on('error', () => {}); // It may hang up on what is still being sent.
      socket.end(input);
      await once(socket, 'close');
      for (const [, status] of Buffer.concat(chunks)
        .toString('latin1')
        .matchAll(/HTTP\/1\.1 (\d+) /g)) {
        if (!statuses.has(Number(status))) throw new Error(`answered with ${status}`);
      }
      if (trouble !== undefined) throw new Error('an error was logged', { cause: trouble });
    },
    close: () => server.close(),
  };
}
