/** Where things are. This file runs as bench/dist/harness/paths.js. */

import { fileURLToPath } from 'node:url';

/** The folder bench/. */
export const BENCH = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of the whole project. */
export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

/** A file below bench/dist, by its name without the ending: `compiled('ours/writer')`. */
export function compiled(name: string): string {
  return `${BENCH}dist/${name}.js`;
}

/** A file below bench/rivals. */
export function rival(name: string): string {
  return `${BENCH}rivals/${name}`;
}

/** Where rivals are compiled and installed; nothing in it is committed. */
export const BUILD = `${BENCH}build/`;
