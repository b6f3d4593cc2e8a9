import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const root = join(import.meta.dirname, '..', '..', '..');
const module = join(root, 'scripts/setup/debian-packages.mjs');

/** A machine of which only these programs exist; each stub is a shell script that may write to $LOG. */
function machine(test: Test, stubs: Record<string, string>) {
  const folder = test.testdir({});
  const bin = join(folder, 'bin');
  const log = join(folder, 'log');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(stubs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const script =
    `import(${JSON.stringify(module)}).then(({ ensureDebianPackages }) => ensureDebianPackages(['run']))` +
    `.catch((error) => { console.error(error.constructor.name + ': ' + error.message); process.exit(1); })`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { PATH: bin, LOG: log },
  });
  return { status, stdout, stderr, log: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}

const nothingInstalled = { 'dpkg-query': 'exit 1' };
// Answers as dpkg-query does for packages that are all installed: -W -f FORMAT NAME...
const allInstalled = { 'dpkg-query': 'shift 3; for name; do echo "$name installed"; done' };
const env = { env: 'shift; "$@"' };
const aptGet = { 'apt-get': 'echo "apt-get $*" >>"$LOG"' };
const asRoot = { id: 'echo 0' };
const asUser = { id: 'echo 1000' };

t.test('nothing is said or done when every package is there', async (t) => {
  const { status, stdout, log } = machine(t, { ...allInstalled, ...asUser });
  t.equal(status, 0);
  t.equal(stdout, '');
  t.equal(log, '');
});

t.test('root installs what is missing and says what for', async (t) => {
  const { status, stdout, log } = machine(t, { ...nothingInstalled, ...asRoot, ...env, ...aptGet });
  t.equal(status, 0);
  t.match(stdout, /libyuv-dev +pixel conversion/);
  t.match(log, /^apt-get .*update -q\napt-get .*install .*--no-install-recommends .*build-essential/);
});

t.test('only what is missing is installed', async (t) => {
  const some = {
    'dpkg-query': 'shift 3; for name; do [ "$name" = ffmpeg ] || echo "$name installed"; done; exit 1',
  };
  const { log } = machine(t, { ...some, ...asRoot, ...env, ...aptGet });
  t.match(log, /--no-install-recommends ffmpeg\n$/);
});

t.test('a package that was removed but left its configuration counts as missing', async (t) => {
  const removed = { 'dpkg-query': 'shift 3; for name; do echo "$name config-files"; done' };
  const { log } = machine(t, { ...removed, ...asRoot, ...env, ...aptGet });
  t.match(log, /install .*ffmpeg/);
});

t.test('a user with sudo installs through it', async (t) => {
  const sudo = { sudo: 'if [ "$1" = -n ]; then exit 0; fi; echo sudo >>"$LOG"; "$@"' };
  const { status, log } = machine(t, { ...nothingInstalled, ...asUser, ...env, ...aptGet, ...sudo });
  t.equal(status, 0);
  t.match(log, /^sudo\napt-get .*update -q\nsudo\napt-get .*install/);
});

t.test('without root and sudo the list and the exact command are shown', async (t) => {
  for (const sudo of [{}, { sudo: 'exit 1' }]) {
    const { status, stderr, log } = machine(t, { ...nothingInstalled, ...asUser, ...aptGet, ...sudo });
    t.equal(status, 1);
    t.match(stderr, /^SetupError: .*takes root or sudo/);
    t.match(stderr, /libyuv-dev +pixel conversion/);
    t.match(stderr, /apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y .*libyuv-dev/);
    t.equal(log, '', 'nothing was tried');
  }
});

t.test('what apt-get says is shown when it fails', async (t) => {
  const broken = { 'apt-get': 'echo "E: Unable to locate package" >&2; exit 100' };
  const { status, stderr } = machine(t, { ...nothingInstalled, ...asRoot, ...env, ...broken });
  t.equal(status, 1);
  t.match(stderr, /SetupError: apt-get update -q failed:\nE: Unable to locate package/);
});

t.test('another distribution is told what has to be there, and goes on', async (t) => {
  const { status, stdout } = machine(t, { ...asUser });
  t.equal(status, 0);
  t.match(stdout, /not a Debian system/);
  t.match(stdout, /libturbojpeg0-dev/);
});
