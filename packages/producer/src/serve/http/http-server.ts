import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '@camstream/core';
import type { ListenAddress } from '../../config/addresses.js';
import { refuseConnection } from './bad-request.js';
import { ConnectionLimit } from './connection-limit.js';
import { isMissingAddress, listenError } from './listen-error.js';
import { replyText } from './reply.js';

/** Where and how to listen. Port 0 takes any free one, the same for every address. */
export interface HttpServerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly port: number;
  readonly maxConnections: number;
  /** A client that sends its request drop by drop (slow loris) is gone after this; 10 s if not given. */
  readonly requestTimeoutMs?: number;
  readonly log: Log;
}

/** Answers one request; what it throws becomes a 500. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** node:http on one port, bounded in everything that a stranger could send too much or too little of. */
export class HttpServer {
  private constructor(
    readonly port: number,
    private readonly servers: readonly Server[],
  ) {}

  /** Throws PORT_IN_USE, PORT_PERMISSION or ADDRESS_UNAVAILABLE. */
  static async listen(options: HttpServerOptions, handler: HttpHandler): Promise<HttpServer> {
    const servers: Server[] = [];
    let port = options.port;
    try {
      for (const address of options.addresses) {
        const server = makeServer(options, handler);
        try {
          await listen(server, address.host, port);
        } catch (error) {
          if (address.optional && isMissingAddress(error)) {
            options.log.debug(
              { host: address.host },
              'this machine has no such address; not listening on it',
            );
            continue;
          }
          throw listenError(error, address.host, port);
        }
        servers.push(server);
        port = (server.address() as AddressInfo).port;
      }
    } catch (error) {
      await new HttpServer(port, servers).close();
      throw error;
    }
    return new HttpServer(port, servers);
  }

  /** Stops listening, lets answers under way finish for `graceMs`, then cuts them off. */
  async close(graceMs = 500): Promise<void> {
    await Promise.all(
      this.servers.map((server) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeIdleConnections();
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        return closed.finally(() => clearTimeout(timer));
      }),
    );
  }
}

function makeServer(options: HttpServerOptions, handler: HttpHandler): Server {
  const { log, maxConnections, requestTimeoutMs = 10_000 } = options;
  const server = createServer({
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: 5000,
    maxHeaderSize: 8192,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
  });
  server.maxHeadersCount = 100;
  const limit = new ConnectionLimit(server, maxConnections, log);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseConnection(error, socket));
  server.on('request', (request, response) => {
    if (limit.refuses(request.socket)) refuseRequest(request, response);
    else void answer(request, response, handler, log);
  });
  return server;
}

function refuseRequest(request: IncomingMessage, response: ServerResponse): void {
  response.on('error', () => {});
  response.shouldKeepAlive = false;
  response.setHeader('Retry-After', '5');
  replyText(request, response, 503, 'Too many connections; try again later.');
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: HttpHandler,
  log: Log,
): Promise<void> {
  response.on('error', () => {}); // A viewer that goes away is no news; 'close' tells whom it concerns.
  // Nothing here takes a body: a connection that announced one is not used again.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
    response.shouldKeepAlive = false;
  }
  try {
    await handler(request, response);
  } catch (error) {
    log.error({ url: request.url, err: (error as Error).stack }, 'a request could not be answered');
    if (response.headersSent) response.destroy();
    else
      response
        .writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' })
        .end('Internal error; see the log.\n');
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, ipv6Only: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
