import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const root = join(import.meta.dirname, '..', '..', '..');
const logFile = (folder: string) => join(folder, 'log');

/** A project with the manifests of ours, and stand-ins for npm and pnpm that note how they were called. */
function project(test: Test, pnpmVersion: string, npm = '') {
  const folder = test.testdir({});
  for (const path of [
    '',
    'packages/core',
    'packages/consumer',
    'packages/producer',
    'native',
    'test',
    'bench',
  ]) {
    mkdirSync(join(folder, path), { recursive: true });
    cpSync(join(root, path, 'package.json'), join(folder, path, 'package.json'));
  }
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) cpSync(join(root, file), join(folder, file));
  mkdirSync(join(folder, 'bin'));
  const note = `echo "$(basename "$0") $*" >>${logFile(folder)}`;
  stub(
    folder,
    'pnpm',
    `[ "$1" = --version ] && { echo ${pnpmVersion}; exit; }; ${note}; mkdir -p node_modules`,
  );
  stub(folder, 'npm', `${note}\n${npm}`);
  return folder;
}

function stub(folder: string, name: string, script: string) {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

function ensureDependencies(folder: string, scope: 'run' | 'all'): SpawnSyncReturns<string> {
  const script =
    `import(${JSON.stringify(join(root, 'scripts/setup/pnpm.mjs'))})` +
    `.then(({ ensureDependencies }) => ensureDependencies(${JSON.stringify(folder)}, '${scope}'))` +
    `.catch((error) => { console.error(error.message); process.exit(1); })`;
  const PATH = `${join(folder, 'bin')}:/usr/bin:/bin`;
  return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { PATH } });
}

const calls = (folder: string) => (existsSync(logFile(folder)) ? readFileSync(logFile(folder), 'utf8') : '');
const pinned = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager as string).split(
  '@',
)[1];

t.test('the pnpm of the machine is used when it is the pinned version', async (t) => {
  const folder = project(t, `${pinned}`);
  const { status, stdout } = ensureDependencies(folder, 'all');
  t.equal(status, 0);
  t.match(stdout, /Installing npm packages/);
  t.match(calls(folder), /^pnpm install --frozen-lockfile[^\n]*\n$/);
});

t.test('what is installed is not installed again, until a manifest changes', async (t) => {
  const folder = project(t, `${pinned}`);
  ensureDependencies(folder, 'all');
  const once = calls(folder);
  t.equal(ensureDependencies(folder, 'all').stdout, '');
  t.equal(ensureDependencies(folder, 'run').stdout, '', 'all includes what running needs');
  t.equal(calls(folder), once);
  writeFileSync(join(folder, 'pnpm-lock.yaml'), 'changed');
  ensureDependencies(folder, 'all');
  t.not(calls(folder), once);
});

t.test('running installs neither tests nor rivals; testing afterwards does', async (t) => {
  const folder = project(t, `${pinned}`);
  ensureDependencies(folder, 'run');
  t.match(calls(folder), /--filter camstream --filter \.\/packages\/\* --filter \.\/native install/);
  ensureDependencies(folder, 'all');
  t.match(calls(folder), /\npnpm install/);
});

t.test('another pnpm is left alone: the pinned one is installed below .setup/', async (t) => {
  const program = `.setup/pnpm-${pinned}/node_modules/pnpm/bin/pnpm.cjs`;
  const fake = 'require("fs").appendFileSync("log", "own pnpm " + process.argv.slice(2).join(" "));';
  const folder = project(t, '9.0.0', '');
  stub(
    folder,
    'npm',
    `echo "npm $*" >>log; mkdir -p "$(dirname ${program})" node_modules; echo '${fake}' >${program}`,
  );
  const { status, stderr } = ensureDependencies(folder, 'all');
  t.equal(status, 0, stderr);
  t.match(calls(folder), new RegExp(`^npm install --prefix \\S+ [^\\n]*pnpm@${pinned}\nown pnpm install`));
});

t.test('a registry that does not answer is named as the likely cause', async (t) => {
  const { status, stderr } = ensureDependencies(project(t, '9.0.0', 'exit 1'), 'all');
  t.equal(status, 1);
  t.match(stderr, /pnpm could not be installed\. Is the registry reachable\?/);
});

t.test('a failed installation is tried again the next time', async (t) => {
  const folder = project(t, `${pinned}`);
  stub(folder, 'pnpm', `[ "$1" = --version ] && { echo ${pinned}; exit; }; echo "pnpm $*" >>log; exit 1`);
  t.equal(ensureDependencies(folder, 'all').status, 1);
  t.equal(ensureDependencies(folder, 'all').status, 1);
  t.match(calls(folder), /pnpm install[^\n]*\npnpm install/);
});

t.test('a Node that is too old is told so in a sentence', async (t) => {
  const script =
    `Object.defineProperty(process.versions, 'node', { value: '18.19.0' });` +
    `import(${JSON.stringify(join(root, 'scripts/setup/require-node.mjs'))})`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  t.equal(status, 1);
  t.match(stderr, /camstream needs Node 20 or newer; this is Node 18\.19\.0/);
});
