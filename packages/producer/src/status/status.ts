import { CamstreamError } from '@camstream/core';
import { urlHost } from '../config/addresses.js';
import type { StatusWish } from '../config/command-line.js';
import type { Config } from '../config/config.js';
import { askStatus } from './ask-status.js';
import { statusTable } from './status-table.js';

/** Prints the status of the running service. Returns 0 if it is well, 1 if not. */
export async function status(config: Config, wish: StatusWish): Promise<number> {
  const { base, account } = addressed(config, wish);
  const found = await askStatus(base, account);
  process.stdout.write(`${wish.json ? JSON.stringify(found, undefined, 2) : statusTable(found)}\n`);
  return found.health.status === 'ok' ? 0 : 1;
}

function addressed({ server: { host, httpPort, auth } }: Config, { url }: StatusWish) {
  if (url === undefined) return { base: new URL(`http://${urlHost(host)}:${httpPort}/`), account: auth };
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new CamstreamError(
      'USAGE',
      `--url: wanted http://HOST:PORT/, found "${url.replace(/\/\/.*@/, '//')}"`,
    );
  }
  const base = new URL(url);
  const { username, password } = base;
  base.username = '';
  base.password = '';
  // What stands behind a proxy's path prefix is found below it.
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  // The configured password is for the configured service, not for whatever a URL names.
  const account =
    username === ''
      ? undefined
      : { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { base, account };
}
