// npm run pack [-- FOLDER]: the packages as .tgz files that install without a registry of ours and without
// a compiler (docs/installing.md). The addons and the program beside them, compiled for this machine's
// platform, go inside core.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensurePnpm } from './setup/pnpm.mjs';
import { root, setUp } from './setup/setup.mjs';
import { orExplain, SetupError } from './setup/setup-error.mjs';

const target = resolve(process.argv[2] ?? join(root, 'dist/packages'));
await orExplain(() => {
  setUp('run');
  mkdirSync(target, { recursive: true });
  const prebuilds = join(root, 'packages/core/prebuilds');
  const platform = join(prebuilds, `${process.platform}-${process.arch}`);
  rmSync(prebuilds, { recursive: true, force: true });
  for (const name of ['ring.node', 'camera.node', 'camstream-gst']) {
    cpSync(join(root, 'native/build/Release', name), join(platform, name));
    strip(join(platform, name));
  }
  for (const name of ['core', 'consumer', 'producer']) {
    const folder = join(root, 'packages', name);
    cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
    run([...ensurePnpm(root), 'pack', '--pack-destination', target], folder);
  }
  console.log(`Packed into ${target}.`);
});

/** Debug names are of no use to those who install a package, and most of its size. */
function strip(file) {
  run(['strip', '--strip-unneeded', file], root);
}

function run([command, ...args], cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  throw new SetupError(`${command} ${args.join(' ')} failed:\n${error?.message ?? `${stdout}${stderr}`}`);
}
