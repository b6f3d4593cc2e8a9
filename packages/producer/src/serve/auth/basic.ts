import { type Account, isSameText } from './account.js';

/** What a server asks for with basic authentication (RFC 7617). */
export function basicChallenge(realm: string): string {
  return `Basic realm="${realm}", charset="UTF-8"`;
}

/** What a client answers. */
export function basicCredentials({ user, password }: Account): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Whether what follows `Basic` is the account's user and password; 'malformed' if it is no user:password. */
export function checkBasic(rest: string, account: Account): 'right' | 'wrong' | 'malformed' {
  const encoded = rest.trimEnd();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return 'malformed';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return 'malformed';
  const user = isSameText(text.slice(0, colon), account.user);
  const password = isSameText(text.slice(colon + 1), account.password);
  return user && password ? 'right' : 'wrong';
}
