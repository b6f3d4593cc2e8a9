import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Log } from '@camstream/core';
import { Seldom } from '../../log/seldom.js';
import { replyText } from '../http/reply.js';
import type { Authenticator, AuthVerdict } from './authenticator.js';

const refusedCode = 'AUTH_REQUIRED';

/** Who may come in over HTTP. Without an authenticator everybody. */
export class Gate {
  private readonly refusals: Seldom;

  constructor(
    private readonly authenticator: Authenticator | undefined,
    log: Log,
    /** Answers to a wrong password wait for so long: guessing shall be slow. */
    private readonly delayMs = 1000,
  ) {
    this.refusals = new Seldom(log, 'warn');
  }

  check({ headers: { authorization }, method = '', url = '' }: IncomingMessage): AuthVerdict {
    return this.authenticator?.check({ authorization, method, uri: url }) ?? 'admitted';
  }

  /** 401 with what is asked for; no body tells anything of what is there. */
  async refuse(request: IncomingMessage, response: ServerResponse, verdict: AuthVerdict): Promise<void> {
    if (verdict === 'wrong' || verdict === 'malformed') {
      this.refusals.line({ from: request.socket.remoteAddress, verdict }, 'a viewer gave a wrong password');
      if (this.delayMs > 0) await setTimeout(this.delayMs);
    }
    response.setHeader('WWW-Authenticate', this.authenticator?.challenges(verdict, 'http') ?? []);
    replyText(request, response, 401, `${refusedCode}: user and password of server.auth are wanted.`);
  }
}
