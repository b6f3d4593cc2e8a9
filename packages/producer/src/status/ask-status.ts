import { CamstreamError } from '@camstream/core';
import type { Status } from '../observe/status.js';
import type { Account } from '../serve/auth/account.js';
import { parseAuthParameters } from '../serve/auth/auth-header.js';
import { basicCredentials } from '../serve/auth/basic.js';
import { digestCredentials } from '../serve/auth/digest.js';

const timeoutMs = 5000;
const mostBytes = 16 * 2 ** 20;

/**
 * The status of the service at `base` (http://127.0.0.1:8000/). Throws STATUS_UNREACHABLE,
 * STATUS_NOT_CAMSTREAM, AUTH_REQUIRED.
 */
export async function askStatus(base: URL, account: Account | undefined): Promise<Status> {
  const url = new URL('api/status', base);
  const answer = await ask(url, undefined);
  const challenge = answer.headers.get('www-authenticate');
  if (answer.status !== 401 || challenge === null) return statusIn(answer, url);
  if (account === undefined) {
    throw new CamstreamError(
      'AUTH_REQUIRED',
      `${url.host} wants a user and a password. Give the service's own configuration (--config FILE), or ` +
        '--url http://USER:PASSWORD@HOST:PORT/.',
    );
  }
  const admitted = await ask(url, credentialsFor(challenge, account, url));
  if (admitted.status === 401) {
    throw new CamstreamError('AUTH_REQUIRED', `${url.host} does not take the password of "${account.user}".`);
  }
  return statusIn(admitted, url);
}

async function ask(url: URL, authorization: string | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      headers: authorization === undefined ? {} : { authorization },
      // Credentials are for whom they were meant.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    throw new CamstreamError(
      'STATUS_UNREACHABLE',
      `no service answers at ${url.host} (${why}). Start it, or say where it is: ` +
        '--url, --http-port, --config.',
      { cause: error },
    );
  }
}

/** Digest where it is offered: the password does not go over the line. */
function credentialsFor(challenge: string, account: Account, url: URL): string {
  // fetch() joins the headers by commas; the first digest is the strongest.
  const digest = /Digest (.*?)(?=, \w+ \w+=|$)/i.exec(challenge)?.[1];
  const parameters = digest === undefined ? undefined : parseAuthParameters(digest);
  const uri = `${url.pathname}${url.search}`;
  const answer = parameters && digestCredentials(account, parameters, { method: 'GET', uri });
  return answer ?? basicCredentials(account);
}

async function statusIn(answer: Response, url: URL): Promise<Status> {
  const content = answer.status === 200 ? parsed(await textOf(answer)) : undefined;
  if (!isStatus(content)) {
    throw new CamstreamError(
      'STATUS_NOT_CAMSTREAM',
      `${url.host} is not a camstream service of this version: it answered ${answer.status} ` +
        `${answer.headers.get('content-type') ?? 'without a type'} to ${url.pathname}.`,
    );
  }
  return content;
}

/** Of a stranger, who may send without end. */
async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStatus(content: unknown): content is Status {
  const { statusVersion, service } = Object(content) as Partial<Status>;
  return statusVersion === 1 && service?.name === 'camstream';
}
