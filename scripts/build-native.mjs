// Builds native/build/Release/{ring.node,camera.node,camstream-gst} when their sources have changed. Node's
// headers come from the installed Node where it has them, else from the npm package node-api-headers:
// nothing is downloaded from elsewhere.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, isStamped, stamp } from './setup/fingerprint.mjs';

const native = join(dirname(fileURLToPath(import.meta.url)), '..', 'native');
const stampFile = join(native, 'build', 'Release', 'sources.sha256');
const results = ['ring.node', 'camera.node', 'camstream-gst'].map((name) =>
  join(native, 'build', 'Release', name),
);
// What node-gyp's addon.gypi expects of Node's own common.gypi, for an addon that sees Node-API alone.
const COMMON = {
  variables: { node_engine: 'v8', openssl_fips: '' },
  target_defaults: {
    default_configuration: 'Release',
    configurations: { Release: { cflags: ['-O3'] } },
    cflags: ['-fPIC', '-pthread'],
  },
};
const hash = fingerprint([join(native, 'src'), join(native, 'binding.gyp')], [process.arch]);
if (!isStamped(stampFile, hash) || !results.every((file) => existsSync(file))) build();

function build() {
  console.log('Compiling the native addons (native/).');
  const gyp = join(native, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const args = [
    gyp,
    'configure',
    'build',
    '--silent',
    '--jobs=max',
    `--nodedir=${findHeaders() ?? makeHeaders()}`,
  ];
  mkdirSync(join(native, 'build'), { recursive: true });
  // Two builds at once in one folder would mix their files: the second waits for the first.
  const lock = join(native, 'build', 'lock');
  const { status } = spawnSync('flock', [lock, process.execPath, ...args], { cwd: native, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  stamp(stampFile, hash);
}

/** The prefix of an installed Node with all that node-gyp reads. */
function findHeaders() {
  const prefixes = [join(dirname(realpathSync(process.execPath)), '..'), '/usr', '/usr/local'];
  const needed = ['node_api.h', 'common.gypi', 'config.gypi'];
  return prefixes.find((prefix) => needed.every((file) => existsSync(join(prefix, 'include/node', file))));
}

/** A prefix made of node-api-headers and the two files of settings that it lacks. */
function makeHeaders() {
  const prefix = join(native, 'build', 'node-api');
  const include = join(prefix, 'include', 'node');
  mkdirSync(include, { recursive: true });
  cpSync(join(native, 'node_modules', 'node-api-headers', 'include'), include, { recursive: true });
  writeFileSync(join(include, 'common.gypi'), JSON.stringify(COMMON));
  writeFileSync(join(include, 'config.gypi'), JSON.stringify({ variables: {}, target_defaults: {} }));
  return prefix;
}
