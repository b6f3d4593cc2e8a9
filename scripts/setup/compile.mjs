// The native addons and the TypeScript packages, compiled when their sources have changed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, isStamped, stamp } from './fingerprint.mjs';
import { SetupError } from './setup-error.mjs';

export function ensureNativeBuild(root) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build-native.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new SetupError('The native addons did not compile: the errors are above.');
}

/** `scope`: 'run' compiles the packages only, 'all' tests and bench too. */
export function ensureTypeScriptBuild(root, scope) {
  const sources = ['packages', 'test', 'bench', 'tsconfig.base.json', 'tsconfig.json'].map((path) =>
    join(root, path),
  );
  const hash = fingerprint(scope === 'run' ? [sources[0], sources[3]] : sources);
  const file = join(root, `.setup/compiled-${scope}`);
  const outputs = scope === 'run' ? ['packages/producer'] : ['packages/producer', 'test', 'bench'];
  if (isStamped(file, hash) && outputs.every((path) => existsSync(join(root, path, 'dist')))) return;
  console.log('Compiling the TypeScript packages.');
  const args = [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-b',
    ...(scope === 'run' ? ['packages/producer'] : []),
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new SetupError('TypeScript did not compile: the errors are above.');
  stamp(file, hash);
}
