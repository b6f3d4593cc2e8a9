import type { Account } from './account.js';
import { parseAuthHeader, parseAuthParameters } from './auth-header.js';
import { basicChallenge, checkBasic } from './basic.js';
import { checkDigest, digestAlgorithms, digestChallenge } from './digest.js';
import { Nonces } from './nonces.js';

/** One request of HTTP or RTSP as far as authentication looks at it. */
export interface AuthRequest {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  readonly method: string;
  /** As in the request line. */
  readonly uri: string;
}

/**
 * `missing`: nothing was given. `stale`: right, but for a nonce that is too old. `wrong`: another user or
 * password. `malformed`: no header that we understand, or one made for another URI.
 */
export type AuthVerdict = 'admitted' | 'missing' | 'stale' | 'wrong' | 'malformed';

const realm = 'camstream';
const nonceLifetimeMs = 300_000;

/**
 * Basic (RFC 7617) and digest (RFC 7616, MD5 and SHA-256) for one account. Digest covers one request, not
 * the connection: a server of connections (RTSP) need not ask again once it has admitted one.
 */
export class Authenticator {
  private readonly nonces: Nonces;
  private refusedCount = 0;

  constructor(
    private readonly account: Account,
    nowMs: () => number = () => performance.now(),
  ) {
    this.nonces = new Nonces(nonceLifetimeMs, nowMs);
  }

  /** Requests with a wrong password so far, of every protocol. */
  get refused(): number {
    return this.refusedCount;
  }

  check(request: AuthRequest): AuthVerdict {
    const verdict = this.verdict(request);
    if (verdict === 'wrong' || verdict === 'malformed') ++this.refusedCount;
    return verdict;
  }

  /**
   * WWW-Authenticate headers of a 401, one each. ffmpeg and GStreamer take the last digest they are offered
   * and know MD5 only, curl takes the first: strongest first serves all. RTSP clients of RFC 2069's time
   * do not know `qop`.
   */
  challenges(verdict: AuthVerdict, protocol: 'http' | 'rtsp'): string[] {
    const nonce = this.nonces.make();
    const asked = { realm, nonce, qop: protocol === 'http', stale: verdict === 'stale' };
    return [
      ...digestAlgorithms.map((algorithm) => digestChallenge({ ...asked, algorithm })),
      basicChallenge(realm),
    ];
  }

  private verdict({ authorization, method, uri }: AuthRequest): AuthVerdict {
    if (authorization === undefined) return 'missing';
    const header = parseAuthHeader(authorization);
    if (header?.scheme === 'basic') {
      const verdict = checkBasic(header.rest, this.account);
      return verdict === 'right' ? 'admitted' : verdict;
    }
    const parameters = header?.scheme === 'digest' ? parseAuthParameters(header.rest) : undefined;
    if (parameters === undefined) return 'malformed';
    const digest = checkDigest(parameters, this.account, realm, { method, uri });
    if (digest.kind !== 'right') return digest.kind;
    return this.nonces.isGood(digest.nonce) ? 'admitted' : 'stale';
  }
}
