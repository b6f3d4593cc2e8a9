// The package manager, in the version that package.json pins, and the project's dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, isStamped, stamp } from './fingerprint.mjs';
import { SetupError } from './setup-error.mjs';

const MANIFESTS = ['', 'packages/core', 'packages/consumer', 'packages/producer', 'native', 'test', 'bench'];
// npm start needs no tests and no rivals of the bench, which are most of the download.
const ONLY_TO_RUN = ['--filter', 'camstream', '--filter', './packages/*', '--filter', './native'];

/** Installs the dependencies that the lock file names, if they are not there. `scope`: 'run' | 'all'. */
export function ensureDependencies(root, scope) {
  const manifests = MANIFESTS.map((folder) => join(root, folder, 'package.json'));
  const inputs = [...manifests, join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml')];
  const hash = fingerprint(inputs);
  const stamps = {
    run: join(root, 'node_modules/.camstream-run'),
    all: join(root, 'node_modules/.camstream-all'),
  };
  if (isStamped(stamps.all, hash) || (scope === 'run' && isStamped(stamps.run, hash))) return;
  const pnpm = ensurePnpm(root);
  console.log(`Installing npm packages for ${scope === 'run' ? 'the service' : 'service, tests and bench'}.`);
  const filter = scope === 'run' ? ONLY_TO_RUN : [];
  const args = [...filter, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'];
  run([...pnpm, ...args], root, 'The npm packages could not be installed. Is the registry reachable?');
  stamp(stamps[scope], hash);
}

/** The command that runs the pinned pnpm: the machine's own if it is that version, else one below .setup/. */
export function ensurePnpm(root) {
  const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.split('@')[1];
  const present = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8' });
  if (present.stdout?.trim() === version) return ['pnpm'];
  const prefix = join(root, '.setup', `pnpm-${version}`);
  const program = join(prefix, 'node_modules/pnpm/bin/pnpm.cjs');
  if (!existsSync(program)) {
    console.log(
      `Installing pnpm ${version} below .setup/ (the project's package manager, for this project only).`,
    );
    const args = [
      'install',
      '--prefix',
      prefix,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `pnpm@${version}`,
    ];
    run(['npm', ...args], root, 'pnpm could not be installed. Is the registry reachable?');
  }
  return [process.execPath, program];
}

function run([command, ...args], cwd, explanation) {
  // CI keeps pnpm from asking questions; its own build scripts are those of pnpm-workspace.yaml.
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, CI: 'true' },
  });
  if (status !== 0) throw new SetupError(`${explanation}${error ? ` (${error.message})` : ''}`);
}
