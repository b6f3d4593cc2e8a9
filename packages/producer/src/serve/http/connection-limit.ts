import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '@camstream/core';
import { Seldom } from '../../log/seldom.js';

/** Connections above the limit that are let in to be told so. What comes beyond them is closed unheard. */
const spare = 16;

/**
 * Bounds the connections of a port. A new one takes the place of the oldest that asks for nothing, so that
 * whoever opens connections and keeps silent locks nobody out. Where all are at work, it is refused.
 */
export class ConnectionLimit {
  private readonly open = new Set<Socket>();
  /** Without a request under way; the oldest first. */
  private readonly idle = new Set<Socket>();
  private readonly refused = new WeakSet<Socket>();
  private readonly lines: Seldom;

  /** `most`: connections at once. */
  constructor(
    server: Server,
    private readonly most: number,
    log: Log,
  ) {
    this.lines = new Seldom(log, 'warn');
    server.maxConnections = most + spare;
    server.on('drop', (from) => this.tell('connection refused: too many at once', from?.remoteAddress));
    server.on('connection', (socket) => this.take(socket));
    server.on('request', ({ socket }, response) => {
      this.idle.delete(socket);
      response.on('close', () => {
        if (this.open.has(socket)) this.idle.add(socket);
      });
    });
  }

  /** Whether a request on the connection is to be answered with 503. */
  refuses(socket: Socket): boolean {
    return this.refused.has(socket);
  }

  private take(socket: Socket): void {
    const [oldest] = this.idle;
    this.open.add(socket);
    this.idle.add(socket);
    socket.once('close', () => this.forget(socket));
    if (this.open.size <= this.most) return;
    if (oldest === undefined) {
      this.refused.add(socket);
      this.tell('connection refused: too many at once', socket.remoteAddress);
      return;
    }
    this.tell('silent connection closed for a new one: too many at once', oldest.remoteAddress);
    this.forget(oldest);
    oldest.destroy();
  }

  private forget(socket: Socket): void {
    this.open.delete(socket);
    this.idle.delete(socket);
  }

  private tell(what: string, from: string | undefined): void {
    this.lines.line({ from, maxConnections: this.most }, what);
  }
}
