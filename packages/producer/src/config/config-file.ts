import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CamstreamError, hasErrorCode } from '@camstream/core';
import type { ConfigText } from './parse-config.js';

const largestFile = 1_000_000;

/** The text of a configuration file, or of none: the built-in configuration. Throws CONFIG_UNREADABLE. */
export async function readConfigFile(path: string | undefined): Promise<ConfigText> {
  if (path === undefined) return { text: '', folder: process.cwd() };
  const file = resolve(path);
  try {
    const { size } = await stat(file);
    if (size > largestFile) throw unreadable(path, `it has ${size} bytes, wanted at most ${largestFile}`);
    return { text: await readFile(file, 'utf8'), fileName: path, folder: dirname(file) };
  } catch (error) {
    if (error instanceof CamstreamError) throw error;
    if (hasErrorCode(error, 'ENOENT')) throw unreadable(path, 'there is no such file', error);
    if (hasErrorCode(error, 'EISDIR')) throw unreadable(path, 'it is a folder', error);
    if (hasErrorCode(error, 'EACCES')) throw unreadable(path, 'this user may not read it', error);
    throw unreadable(path, (error as Error).message, error);
  }
}

function unreadable(path: string, why: string, cause?: unknown): CamstreamError {
  return new CamstreamError('CONFIG_UNREADABLE', `cannot read the configuration ${path}: ${why}`, { cause });
}
