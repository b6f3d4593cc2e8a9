// Builds native/build/Release/{ring,camera}.node. Node's headers come from the installed Node where it
// has them, else from the npm package node-api-headers: nothing is downloaded from elsewhere.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = join(dirname(fileURLToPath(import.meta.url)), '..', 'native');
const prefix = join(dirname(process.execPath), '..');
const nodedir = [prefix, '/usr', '/usr/local'].find((folder) => existsSync(join(folder, 'include/node/node_api.h')));
const gyp = join(native, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
const args = [gyp, 'build', '--silent', ...(nodedir ? [`--nodedir=${nodedir}`] : [])];
if (!existsSync(join(native, 'build', 'Makefile'))) args.splice(1, 1, 'configure', 'build');
const { status } = spawnSync(process.execPath, args, { cwd: native, stdio: 'inherit' });
process.exit(status ?? 1);
