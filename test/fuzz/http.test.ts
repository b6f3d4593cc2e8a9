import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { silentLog } from '@camstream/core';
import {
  Authenticator,
  basicCredentials,
  Gate,
  healthRoute,
  type JpegUnit,
  mjpegRoute,
  type Routes,
  Stream,
  serveRoutes,
} from '@camstream/producer';
import t from 'tap';
import { writeFuzzTable } from './fuzz-table.js';
import { type FuzzReport, type FuzzTarget, fuzz } from './fuzzer.js';

// What node:http makes of a request, taken apart by us: path, query, headers. A few seconds here;
// CAMSTREAM_LONG=1: five minutes.

const scripts = '/packages/producer/dist/serve/';
const isLong = process.env.CAMSTREAM_LONG !== undefined;
const seconds = isLong ? 150 : 1.5;

const account = { user: 'operator', password: 'a password that nobody guesses' };
const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
stream.end(); // A viewer is answered and sent home.
const routes: Routes = new Map([
  ['/mjpeg/low', mjpegRoute(stream, { log: silentLog, stuckMs: 60_000, limitUnsent: () => true })],
  ['/health', healthRoute(() => ({ reasons: ['a secret'] }))],
  ['/', ({ query, response }) => void response.end(query.toString())],
]);
const open = serveRoutes(routes);
const gate = new Gate(new Authenticator(account), silentLog, 0);
const closed = serveRoutes(routes, { gate, open: ['/health'] });

const right = basicCredentials(account);
const seeds = [
  'GET /mjpeg/low?fps=5&advance=1\nuser-agent: Mozilla/5.0',
  'HEAD /mjpeg/low?fps=0.5\nrange: bytes=0-99,200-',
  'GET /health\nauthorization: Basic b3BlcmF0b3I6eA==',
  'POST /nothing#x\ncontent-length: 12',
  'GET http://elsewhere.example:99/mjpeg/low?fps=1e9\nhost: elsewhere.example',
  'GET //evil/%2e%2e/%00%ff\nx-forwarded-host: evil',
  'OPTIONS *\norigin: http://evil.example\naccess-control-request-method: GET',
  'GET /mjpeg/low\nauthorization: Digest username="operator", realm="camstream", nonce="1-2-3"',
];
const words = [
  ...[
    'GET ',
    'HEAD ',
    '/mjpeg/low',
    '/health',
    '?fps=',
    '&advance=',
    '%2f',
    '%00',
    '%ff',
    '..',
    '//',
    '#',
    '\\',
  ],
  ...['authorization: ', 'Basic ', 'Digest ', 'user-agent: ', 'Mozilla', 'http://', '[::1]', ':99999', '@'],
  ...['1e3', '-0', 'NaN', '240', '0.1', '9'.repeat(40), 'a=b&'.repeat(50), '+'],
];

const targets: FuzzTarget[] = [
  {
    name: 'http-request',
    scripts,
    mostBytes: 2000,
    seeds: seeds.map((text) => Buffer.from(text, 'latin1')),
    words,
    run(input) {
      const { response } = answered(open, input);
      if (![200, 400, 404, 405, 503].includes(response.statusCode)) {
        throw new Error(`answered with ${response.statusCode}`);
      }
      refuseStrangeHeaders(response);
    },
  },
  {
    name: 'http-stranger',
    scripts,
    mostBytes: 2000,
    seeds: seeds.map((text) => Buffer.from(text, 'latin1')),
    words,
    run(input) {
      const { request, response, path } = answered(closed, input);
      if (request.headers.authorization === right) return;
      if (response.headersSent && response.statusCode < 400) throw new Error(`let in to ${path}`);
      refuseStrangeHeaders(response);
    },
  },
];

const reports: FuzzReport[] = [];
for (const target of targets) {
  t.test(`${target.name}: every request has an answer of its own`, async (t) => {
    const report = await fuzz(target, seconds);
    const { text, grownBytes, slowestMs, runs } = report;
    reports.push(report);
    t.comment(text);
    t.ok(runs > 100, 'it ran');
    t.ok(slowestMs < 1000, 'no input takes long');
    t.ok(grownBytes < 32e6, 'nothing is kept');
  });
}

t.test('the table of the long run', { skip: isLong ? false : 'npm run test:long writes it' }, async () => {
  writeFuzzTable('fuzz-http', 'What HTTP clients send', reports);
});

/** Lines: method and path, then headers, as node:http hands them over. */
function answered(handler: ReturnType<typeof serveRoutes>, input: Buffer) {
  const [first = '', ...lines] = input.toString('latin1').split('\n');
  const [method = '', path = ''] = first.split(/ (.*)/s);
  const request = new IncomingMessage(new Socket());
  request.method = method;
  request.url = path;
  for (const line of lines) {
    const [name = '', value = ''] = line.split(/: (.*)/s);
    request.headers[name.toLowerCase()] = value;
  }
  const response = new ServerResponse(request);
  void handler(request, response);
  return { request, response, path };
}

/** Nothing that was sent comes back as a header, and no other origin is let in. */
function refuseStrangeHeaders(response: ServerResponse): void {
  const known = new Set([
    ...['cache-control', 'content-type', 'content-length', 'x-accel-buffering', 'x-content-type-options'],
    ...['allow', 'www-authenticate', 'retry-after'],
  ]);
  for (const name of response.getHeaderNames()) if (!known.has(name)) throw new Error(`header ${name}`);
}
