import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { silentLog } from '@camstream/core';
import { Authenticator, basicCredentials, Gate, serveRoutes } from '@camstream/producer';
import type { FuzzTarget } from '../fuzzer.js';
import { httpRequests, httpWords, routes } from '../http-words.js';

// What node:http makes of a request, taken apart by us: path, query, headers.

const account = { user: 'operator', password: 'a password that nobody guesses' };
const open = serveRoutes(routes);
const gate = new Gate(new Authenticator(account), silentLog, 0);
const closed = serveRoutes(routes, { gate, open: ['/health'] });
const right = basicCredentials(account);

const common = {
  scripts: '/packages/producer/dist/serve/',
  mostBytes: 8192,
  seeds: httpRequests.map((text) => Buffer.from(text, 'latin1')),
  words: httpWords,
};

/** Everybody may ask. */
export const httpRequest: FuzzTarget = {
  ...common,
  name: 'http-request',
  run(input) {
    const { response } = answered(open, input);
    if (![200, 400, 404, 405, 503].includes(response.statusCode)) {
      throw new Error(`answered with ${response.statusCode}`);
    }
    refuseStrangeHeaders(response);
  },
};

/** A password is wanted. */
export const httpStranger: FuzzTarget = {
  ...common,
  name: 'http-stranger',
  run(input) {
    const { request, response, path } = answered(closed, input);
    if (request.headers.authorization === right) return;
    if (response.headersSent && response.statusCode < 400) throw new Error(`let in to ${path}`);
    refuseStrangeHeaders(response);
  },
};

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
