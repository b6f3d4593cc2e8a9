import { resolve } from 'node:path';
import type { ServerConfig } from './config.js';
import { readPasswordFile } from './password-file.js';
import type { ConfigDocument } from './schema.js';

type AuthDocument = NonNullable<NonNullable<ConfigDocument['server']>['auth']>;

/** The user and password of `server.auth`, read from its file where there is one. */
export function resolveAuth(
  auth: AuthDocument | undefined,
  folder: string,
  problem: (path: readonly string[], message: string) => void,
): ServerConfig['auth'] {
  if (auth === undefined) return undefined;
  const { user = '', password, passwordFile } = auth;
  if (user === '') problem(['server', 'auth', 'user'], 'wanted a user, found nothing');
  if ((password === undefined) === (passwordFile === undefined)) {
    const found = passwordFile === undefined ? 'neither' : 'both';
    problem(['server', 'auth', 'password'], `wanted password or passwordFile, found ${found}`);
    return undefined;
  }
  if (password !== undefined) return { user, password };
  const read = readPasswordFile(resolve(folder, passwordFile ?? ''));
  if ('password' in read) return { user, password: read.password };
  problem(['server', 'auth', 'passwordFile'], read.problem);
  return undefined;
}
