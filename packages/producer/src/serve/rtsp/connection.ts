import type { Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { urlHost } from '../../config/addresses.js';
import type { Seldom } from '../../log/seldom.js';
import { readReceiverPacket } from '../../protocol/rtp/rtcp-read.js';
import type { RtspMessage, RtspRequest } from '../../protocol/rtsp/message.js';
import { type RtspResponse, refusal, responseBytes } from '../../protocol/rtsp/response.js';
import { RtspReader } from '../../protocol/rtsp/rtsp-reader.js';
import { ConnectionMedia, type MediaWays } from './connection-media.js';
import { type Answer, RequestHandler } from './request-handler.js';
import type { RtspSite } from './rtsp-site.js';
import type { RtspSession } from './session.js';

/** How patient a connection is. */
export interface ConnectionLimits {
  /** For the rest of a request that has begun. */
  readonly requestTimeoutMs: number;
  /** Without a session and without a request. */
  readonly idleTimeoutMs: number;
}

/** For what was written last to arrive. */
const lingerMs = 1000;
/** Answers that a viewer has not taken: then its requests wait. */
const mostUntaken = 32;
/** Requests may come by the thousand in one chunk: after so many others have their turn. */
const requestsAtOnce = 16;

/** One viewer's connection: requests in, one after the other; answers and interleaved packets out. */
export class RtspConnection {
  private readonly reader = new RtspReader();
  private readonly media: ConnectionMedia;
  private readonly handler: RequestHandler;
  private readonly sessions = new Set<RtspSession>();
  private readonly from: string;
  private working = false;
  private admitted = false;
  private untaken = 0;
  /** Packets and empty lines are nothing that was asked for. */
  private askedMs = performance.now();
  private requestSinceMs: number | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly site: RtspSite,
    ways: MediaWays,
    private readonly refusals: Seldom,
  ) {
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
    this.from = `${urlHost(remoteAddress)}:${remotePort}`;
    this.media = new ConnectionMedia(socket, { address: remoteAddress, port: remotePort }, ways, site);
    this.handler = new RequestHandler(site, {
      peer: remoteAddress,
      host: localAddress,
      port: localPort,
      isIPv6: socket.remoteFamily === 'IPv6',
      openMedia: (wish, place, session, userAgent) => this.media.open(wish, place, session, userAgent),
      sessions: this.sessions,
      sessionMoved: (session) => this.sessionMoved(session),
      sessionClosed: (session, why) => this.sessionClosed(session, why),
    });
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('drain', () => this.drained());
    socket.setMaxListeners(0); // One for each session; channels bound their number.
    socket.on('error', () => {}); // 'close' tells whom it concerns.
  }

  /** To be asked now and then. */
  tick(nowMs: number, { requestTimeoutMs, idleTimeoutMs }: ConnectionLimits): void {
    if (this.requestSinceMs !== undefined && nowMs - this.requestSinceMs > requestTimeoutMs) {
      this.hangUp(refusal(408, 'The request took too long to arrive.'), undefined);
    } else if (this.requestSinceMs === undefined && nowMs - (this.silentSinceMs ?? nowMs) > idleTimeoutMs) {
      this.hangUp(refusal(408, 'Nothing was asked for.'), undefined);
    }
  }

  /** Since when nothing was asked for; undefined while something is at work or has a session. */
  get silentSinceMs(): number | undefined {
    return this.sessions.size === 0 && !this.working ? this.askedMs : undefined;
  }

  /** Hangs up in favour of somebody else. */
  makeWay(): void {
    this.hangUp(
      refusal(503, 'There are too many connections, and nothing was asked for over this one.'),
      undefined,
    );
  }

  /** The connection is gone: so are sessions whose packets it carried. Those by UDP have their time-out. */
  lost(): void {
    for (const session of [...this.sessions]) {
      if (session.isInterleaved) session.close('it hung up');
      else session.orphan();
    }
  }

  /** Lets what was written arrive, for a while, then ends. */
  close(): void {
    if (this.socket.destroyed) return;
    this.socket.destroySoon();
    const timer = setTimeout(() => this.socket.destroy(), lingerMs).unref();
    this.socket.once('close', () => clearTimeout(timer));
  }

  private take(chunk: Buffer): void {
    this.reader.push(chunk);
    this.work().catch((error: Error) => {
      this.site.log.error(
        { from: this.from, err: error.stack },
        'an RTSP connection is closed: internal error',
      );
      this.socket.destroy();
    });
  }

  /** One message after the other; while one waits, no more are read. */
  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    let requests = 0;
    try {
      for (let message = this.reader.next(); message !== undefined; message = this.reader.next()) {
        if (message.kind === 'interleaved') {
          this.heard(message.channel, message.data);
          continue;
        }
        if (++requests % requestsAtOnce === 0) await this.letOthers();
        if (this.socket.destroyed) return;
        await this.answer(message);
      }
    } finally {
      this.working = false;
      this.requestSinceMs = this.reader.isInside ? (this.requestSinceMs ?? performance.now()) : undefined;
    }
  }

  private async letOthers(): Promise<void> {
    this.socket.pause();
    await turn();
    if (this.untaken <= mostUntaken) this.socket.resume();
  }

  private heard(channel: number, data: Buffer): void {
    if (!this.media.isOpen(channel) || readReceiverPacket(data) === undefined) return;
    for (const session of this.sessions) session.touch();
  }

  private async answer(message: Exclude<RtspMessage, { kind: 'interleaved' }>): Promise<void> {
    this.requestSinceMs = undefined;
    this.askedMs = performance.now();
    if (message.kind === 'broken') {
      this.refusals.line({ from: this.from, reason: message.reason }, 'an RTSP request was refused');
      this.hangUp(refusal(message.status, message.reason), undefined);
      return;
    }
    const cseq = message.headers.get('cseq');
    if (cseq === undefined || !/^\d{1,10}$/.test(cseq)) {
      this.hangUp(refusal(400, 'A request wants a CSeq header with a number.'), undefined);
      return;
    }
    this.socket.pause();
    try {
      const { response, afterwards } = (await this.unauthorized(message)) ?? (await this.answered(message));
      this.write(response, cseq);
      afterwards?.();
    } finally {
      if (this.untaken <= mostUntaken) this.socket.resume();
    }
  }

  /** Undefined: the request is let in. */
  private async unauthorized({ method, url, headers }: RtspRequest): Promise<Answer | undefined> {
    const { authenticator, refusalDelayMs } = this.site;
    // What a server can do is no secret, and players ask before they know that a password is wanted.
    if (authenticator === undefined || this.admitted || method === 'OPTIONS') return undefined;
    const verdict = authenticator.check({ authorization: headers.get('authorization'), method, uri: url });
    if (verdict === 'admitted') {
      // Digest covers single requests; who has shown that he knows the password over this connection
      // need not show it again, however long he watches.
      this.admitted = true;
      return undefined;
    }
    if (verdict === 'wrong' || verdict === 'malformed') {
      this.refusals.line({ from: this.from, verdict }, 'a viewer gave a wrong password');
      await sleep(refusalDelayMs);
    }
    return {
      response: refusal(401, 'AUTH_REQUIRED: user and password of server.auth are wanted.', {
        'WWW-Authenticate': authenticator.challenges(verdict, 'rtsp'),
      }),
    };
  }

  private async answered(request: RtspRequest): Promise<Answer> {
    try {
      return await this.handler.answer(request);
    } catch (error) {
      this.site.log.error(
        { url: request.url, err: (error as Error).stack },
        'an RTSP request could not be answered',
      );
      return { response: refusal(500, 'Internal error; see the log.') };
    }
  }

  private write(response: RtspResponse, cseq: string | undefined): void {
    if (!this.socket.writable) return;
    if (!this.socket.write(responseBytes(response, cseq, Date.now()))) ++this.untaken;
  }

  private drained(): void {
    const waited = this.untaken > mostUntaken;
    this.untaken = 0;
    if (waited && !this.working) this.socket.resume();
  }

  private hangUp(response: RtspResponse, cseq: string | undefined): void {
    this.write({ ...response, headers: { ...response.headers, Connection: 'close' } }, cseq);
    this.requestSinceMs = undefined;
    this.close();
  }

  private sessionMoved(session: RtspSession): void {
    this.sessions.delete(session);
    this.askedMs = performance.now();
  }

  private sessionClosed(session: RtspSession, why: string): void {
    this.sessions.delete(session);
    this.askedMs = performance.now();
    const { stream, delivery, isInterleaved } = session;
    const counts = delivery === undefined ? {} : { sent: delivery.sent, dropped: delivery.dropped };
    this.site.log.info({ stream, from: this.from, why, ...counts }, 'viewer left');
    // A viewer that takes nothing does not read that its session has ended either.
    if (isInterleaved && why !== 'it took its leave') this.close();
  }
}
