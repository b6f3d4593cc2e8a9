import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NOT_OURS = new Set([
  'node_modules',
  'dist',
  'build',
  '.git',
  '.tap',
  '.setup',
  '__pycache__',
  'coverage',
]);
const TEXT = /\.(ts|mts|mjs|js|cc|h|c|rs|py|sh|md|json|yaml|yml|toml|gyp|mk|txt)$/;

/** Every file of ours below `root`: `path` from there, and `lines` of what is text (else none). */
export function readTree(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !NOT_OURS.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return readTree(root, path);
      return [{ path, lines: TEXT.test(path) ? readFileSync(join(root, path), 'utf8').split('\n') : [] }];
    });
}
