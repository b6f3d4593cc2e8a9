import { silentLog } from '@camstream/core';
import { healthRoute, type JpegUnit, mjpegRoute, type Routes, Stream } from '@camstream/producer';

// What HTTP clients say, for inputs to begin with, and what is there for them.

const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
stream.end(); // A viewer is answered and sent home.

/** A stream, a secret and what is given back of the query. */
export const routes: Routes = new Map([
  ['/mjpeg/low', mjpegRoute(stream, { log: silentLog, stuckMs: 60_000, limitUnsent: () => true })],
  ['/health', healthRoute(() => ({ reasons: ['a secret'] }))],
  ['/', ({ query, response }) => void response.end(query.toString())],
]);

/** Requests as lines: method and path, then headers. */
export const httpRequests: readonly string[] = [
  'GET /mjpeg/low?fps=5&advance=1\nuser-agent: Mozilla/5.0',
  'HEAD /mjpeg/low?fps=0.5\nrange: bytes=0-99,200-',
  'GET /health\nauthorization: Basic b3BlcmF0b3I6eA==',
  'POST /nothing#x\ncontent-length: 12',
  'GET http://elsewhere.example:99/mjpeg/low?fps=1e9\nhost: elsewhere.example',
  'GET //evil/%2e%2e/%00%ff\nx-forwarded-host: evil',
  'OPTIONS *\norigin: http://evil.example\naccess-control-request-method: GET',
  'GET /mjpeg/low\nauthorization: Digest username="operator", realm="camstream", nonce="1-2-3"',
];

/** To be strewn in. */
export const httpWords: readonly string[] = [
  ...['GET ', 'HEAD ', '/mjpeg/low', '/health', '?fps=', '&advance=', '%2f', '%00', '%ff', '..', '//', '#'],
  ...['authorization: ', 'Basic ', 'Digest ', 'user-agent: ', 'Mozilla', 'http://', '[::1]', ':99999', '@'],
  ...['1e3', '-0', 'NaN', '240', '0.1', '9'.repeat(40), 'a=b&'.repeat(50), '+', '\\'],
];
