import { readFileSync } from 'node:fs';
import { hasErrorCode } from '@camstream/core';

const longest = 256;

/** What stands in a password file, or what is wrong with it; the last line's end is no part of it. */
export function readPasswordFile(path: string): { readonly password: string } | { readonly problem: string } {
  try {
    const password = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return isPassword(password) ? { password } : { problem: `wanted ${passwordText} in ${path}` };
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return { problem: `wanted a file, found none at ${path}` };
    if (hasErrorCode(error, 'EACCES')) return { problem: `this user may not read ${path}` };
    return { problem: `cannot read ${path}: ${(error as Error).message}` };
  }
}

/** What a password has to be. */
export const passwordText = `one line of 1..${longest} characters`;

/** Whether `text` can be one: clients send no control characters. */
export function isPassword(text: string): boolean {
  return text.length <= longest && /^\P{Cc}+$/u.test(text);
}
