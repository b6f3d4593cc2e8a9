import { createHash, randomBytes } from 'node:crypto';
import { type Account, isSameText } from './account.js';

/** Hashes of digest authentication (RFC 7616, 3.3) that are offered, strongest first. */
export const digestAlgorithms = ['SHA-256', 'MD5'] as const;
/** One of `digestAlgorithms`. */
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** What a server asks for. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  /** Whether `qop="auth"` is offered; without it the response is that of RFC 2069. */
  readonly qop: boolean;
  /** The password was right and the nonce too old: ask nobody, do it again. */
  readonly stale: boolean;
}

/** The text of a WWW-Authenticate header. */
export function digestChallenge({ realm, nonce, algorithm, qop, stale }: DigestChallenge): string {
  const parameters = [
    `realm="${realm}"`,
    ...(qop ? ['qop="auth"'] : []),
    `nonce="${nonce}"`,
    `algorithm=${algorithm}`,
    ...(stale ? ['stale=true'] : []),
  ];
  return `Digest ${parameters.join(', ')}`;
}

/** What a client's response is made of beside its account. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** undefined: without quality of protection (RFC 2069), as RTSP clients do it. */
  readonly qop: { readonly nc: string; readonly cnonce: string } | undefined;
}

/** The response, in lower case hex (RFC 7616, 3.4.1). */
export function digestResponse(account: Account, input: DigestInput): string {
  const { algorithm, realm, nonce, method, uri, qop } = input;
  const hash = (text: string) => createHash(nodeNames[algorithm]).update(text).digest('hex');
  const secret = hash(`${account.user}:${realm}:${account.password}`);
  const request = hash(`${method}:${uri}`);
  const middle = qop === undefined ? nonce : `${nonce}:${qop.nc}:${qop.cnonce}:auth`;
  return hash(`${secret}:${middle}:${request}`);
}

/** A client's answer to a challenge's parameters; undefined if it asks for what we do not know. */
export function digestCredentials(
  account: Account,
  challenge: ReadonlyMap<string, string>,
  { method, uri }: Pick<DigestInput, 'method' | 'uri'>,
): string | undefined {
  const { realm = '', nonce = '', qop: offered } = Object.fromEntries(challenge);
  const name = (challenge.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = digestAlgorithms.find((known) => known === name);
  if (algorithm === undefined) return undefined;
  const qop = offered === undefined ? undefined : { nc: '00000001', cnonce: randomBytes(8).toString('hex') };
  const response = digestResponse(account, { algorithm, realm, nonce, method, uri, qop });
  const counted = qop === undefined ? '' : `, qop=auth, nc=${qop.nc}, cnonce="${qop.cnonce}"`;
  return (
    `Digest username="${account.user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `algorithm=${algorithm}, response="${response}"${counted}`
  );
}

/** What a client's parameters come to. */
export type DigestCheck =
  | { readonly kind: 'malformed' | 'wrong' }
  /** User and password are right; whether the nonce is still good is another question. */
  | { readonly kind: 'right'; readonly nonce: string };

/** Checks the parameters behind `Digest` against an account, for a request of `method` to `uri`. */
export function checkDigest(
  parameters: ReadonlyMap<string, string>,
  account: Account,
  realm: string,
  { method, uri }: Pick<DigestInput, 'method' | 'uri'>,
): DigestCheck {
  const given = givenDigest(parameters);
  if (given === undefined || !isUriOf(given.uri, uri)) return { kind: 'malformed' };
  const { user, response, nonce } = given;
  const wanted = digestResponse(account, { ...given, realm, method });
  const right = [isSameText(user, account.user), isSameText(response, wanted)].every(Boolean);
  return right && given.realm === realm ? { kind: 'right', nonce } : { kind: 'wrong' };
}

const nodeNames = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

function givenDigest(parameters: ReadonlyMap<string, string>) {
  const [user, realm, nonce, uri, response] = ['username', 'realm', 'nonce', 'uri', 'response'].map((name) =>
    parameters.get(name),
  );
  const name = (parameters.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = digestAlgorithms.find((known) => known === name);
  const qop = givenQop(parameters);
  if (user === undefined || realm === undefined || nonce === undefined || uri === undefined) return undefined;
  if (response === undefined || algorithm === undefined || qop === 'unknown') return undefined;
  return { user, realm, nonce, uri, response: response.toLowerCase(), algorithm, qop };
}

function givenQop(parameters: ReadonlyMap<string, string>): DigestInput['qop'] | 'unknown' {
  const qop = parameters.get('qop');
  if (qop === undefined) return undefined;
  const nc = parameters.get('nc');
  const cnonce = parameters.get('cnonce');
  return qop.toLowerCase() === 'auth' && nc !== undefined && cnonce !== undefined
    ? { nc, cnonce }
    : 'unknown';
}

/**
 * Whether a digest made for `claimed` is one for `requested`. A proxy in front may have taken a prefix off
 * the path, and RTSP clients name the stream where they ask for a track of it.
 */
function isUriOf(claimed: string, requested: string): boolean {
  const [given, asked] = [claimed, requested].map(withoutAuthority) as [string, string];
  if (given.endsWith(asked)) return true;
  return requested.startsWith('rtsp') && asked.startsWith(given.endsWith('/') ? given : `${given}/`);
}

function withoutAuthority(uri: string): string {
  return uri.replace(/^[a-z]+:\/\/[^/]*/i, '') || '/';
}
