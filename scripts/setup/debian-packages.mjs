// Debian packages: which of ours are missing, and installing them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SetupError } from './setup-error.mjs';

const LIST = new URL('../debian-packages.txt', import.meta.url);
const APT = 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends';

/** Installs what is missing of the groups ('run', 'test' ...); says what and why, or what to do. */
export function ensureDebianPackages(groups) {
  const wanted = readPackages().filter(({ group }) => groups.includes(group));
  const missing = missingOf(wanted);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const list = missing.map(({ name, purpose }) => `  ${name.padEnd(26)} ${purpose}`).join('\n');
  const privilege = findPrivilege();
  if (!privilege) {
    throw new SetupError(
      `These Debian packages are missing, and installing them takes root or sudo:\n${list}\n` +
        `Run this as root, then try again:\n  apt-get update && ${APT} ${names.join(' ')}`,
    );
  }
  console.log(
    `Installing ${names.length} Debian package${names.length > 1 ? 's' : ''} with apt-get:\n${list}`,
  );
  apt(privilege, ['update', '-q']);
  apt(privilege, ['install', '-y', '-q', '--no-install-recommends', ...names]);
}

/** scripts/debian-packages.txt: `group name # purpose` a line. */
export function readPackages() {
  return readFileSync(LIST, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^(run|test|camera-vm|bench|ci)\s+(\S+)\s+# (.+)$/.exec(line);
      if (!match)
        throw new SetupError(`scripts/debian-packages.txt: wanted "group name # purpose", found "${line}"`);
      return { group: match[1], name: match[2], purpose: match[3].trim() };
    });
}

function missingOf(wanted) {
  const names = wanted.map(({ name }) => name);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own notation
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  });
  if (query.error) {
    const list = wanted.map(({ name, purpose }) => `  ${name.padEnd(26)} ${purpose}`).join('\n');
    console.log(`This is not a Debian system (no dpkg-query). These have to be there already:\n${list}`);
    return [];
  }
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return wanted.filter(({ name }) => !installed.has(name));
}

/** The words to put before apt-get: none for root, sudo where it works, undefined where neither does. */
function findPrivilege() {
  if (spawnSync('id', ['-u'], { encoding: 'utf8' }).stdout?.trim() === '0') return [];
  const works = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  if (works.status === 0) return ['sudo'];
  return !works.error && process.stdin.isTTY ? ['sudo'] : undefined;
}

function apt(privilege, args) {
  const options = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0'];
  const [command, ...rest] = [
    ...privilege,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    ...options,
    ...args,
  ];
  const result = spawnSync(command, rest, {
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
  });
  if (result.status === 0) return;
  const tail = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-20).join('\n');
  throw new SetupError(`apt-get ${args.join(' ')} failed:\n${tail || result.error?.message}`);
}
