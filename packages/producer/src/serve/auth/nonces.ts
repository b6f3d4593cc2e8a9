import { createHmac, randomBytes } from 'node:crypto';
import { isSameText } from './account.js';

/**
 * Nonces that carry their own time and a seal, so that none has to be kept: strangers who ask for one after
 * the other cost no memory. Those of an earlier run of the service are unknown.
 */
export class Nonces {
  private readonly key = randomBytes(32);

  constructor(
    private readonly lifetimeMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  make(): string {
    const body = `${Math.floor(this.nowMs()).toString(36)}-${randomBytes(12).toString('hex')}`;
    return `${body}-${this.seal(body)}`;
  }

  /** Made here, and not too long ago. */
  isGood(nonce: string): boolean {
    const [, body = '', time = '', seal = ''] =
      /^(([0-9a-z]{1,12})-[0-9a-f]{24})-([0-9a-f]{32})$/.exec(nonce) ?? [];
    if (!isSameText(seal, this.seal(body))) return false;
    return this.nowMs() - Number.parseInt(time, 36) < this.lifetimeMs;
  }

  private seal(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('hex').slice(0, 32);
  }
}
