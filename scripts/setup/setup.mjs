// Everything between a fresh Debian machine with Node and a built project. What is there costs no time.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureNativeBuild, ensureTypeScriptBuild } from './compile.mjs';
import { ensureDebianPackages } from './debian-packages.mjs';
import { ensureDependencies } from './pnpm.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const PURPOSES = {
  run: { groups: ['run'], scope: 'run' },
  test: { groups: ['run', 'test', 'camera-vm'], scope: 'all' },
  ci: { groups: ['run', 'test', 'camera-vm', 'ci'], scope: 'all' },
  bench: { groups: ['run', 'bench'], scope: 'all' },
};

/** Sets up what `purpose` ('run' | 'test' | 'ci' | 'bench') needs; throws SetupError with what to do. */
export function setUp(purpose) {
  const { groups, scope } = PURPOSES[purpose];
  ensureDebianPackages(groups);
  ensureDependencies(root, scope);
  ensureNativeBuild(root);
  ensureTypeScriptBuild(root, scope);
}
