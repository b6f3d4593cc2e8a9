import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadCameraAddon } from '@camstream/core';
import t from 'tap';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'camstream-pack-'));
const project = join(folder, 'project');
const rings = mkdtempSync('/dev/shm/camstream-pack-');
t.teardown(() => {
  rmSync(folder, { recursive: true });
  rmSync(rings, { recursive: true });
});

/** Runs a program to its end; shows what it printed if it failed. */
function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

t.test('the packages install into an empty project without a registry', async (t) => {
  run(process.execPath, [join(root, 'scripts/pack.mjs'), folder], root);
  // The one dependency from elsewhere comes out of our own node_modules.
  const consumer = createRequire(join(root, 'packages/consumer/package.json'));
  run('npm', ['pack', '--silent', dirname(consumer.resolve('eventemitter3'))], folder);
  const packages = readdirSync(folder).filter((name) => /^(camstream-co|eventemitter3)/.test(name));
  t.equal(packages.length, 3);
  run('mkdir', [project], folder);
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  const files = packages.map((name) => join(folder, name));
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...files], project);
});

t.test('the addon of the ring needs nothing but the C library', async (t) => {
  const addon = `node_modules/@camstream/core/prebuilds/${process.platform}-${process.arch}/ring.node`;
  const needed = [...run('ldd', [addon], project).matchAll(/(\S+)\.so\S* =>/g)].map((match) => match[1]);
  t.strictSame(
    needed.filter((name) => !/^libc$|^libm$|^libpthread$/.test(name ?? '')),
    [],
  );
});

t.test('connect() in that project reads the frames of a ring', async (t) => {
  const ring = loadCameraAddon().createRing(
    {
      root: rings,
      name: 'packed',
      readers: 2,
      hold: 1,
      localLeases: 0,
      leaseTimeoutMs: 1000,
      group: '',
      systemModes: false,
    },
    { format: 'gray8', width: 64, height: 48, rate: 30 },
  );
  t.teardown(() => ring.close());
  ring.setState('live');
  writeFileSync(
    join(project, 'read.mjs'),
    `import { connect } from '@camstream/consumer';
     const camera = await connect('packed', { timeoutMs: 20000 });
     const frame = await camera.read({ timeoutMs: 20000 });
     console.log([frame.width, frame.height, frame.format, frame.data.length, frame.data[0]].join(' '));
     frame.release();
     camera.close();`,
  );
  const env = { ...process.env, CAMSTREAM_RING_ROOT: rings };
  const reader = spawn(process.execPath, ['read.mjs'], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const picture = Buffer.alloc(64 * 48, 7);
  const publishing = setInterval(() => ring.publish(picture), 30);
  let output = '';
  reader.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => reader.on('close', resolve));
  clearInterval(publishing);
  t.equal(code, 0);
  t.equal(output, '64 48 gray8 3072 7\n');
});

t.test('its programs are there', async (t) => {
  const help = run('node_modules/.bin/camstream-inspect', ['--help'], project);
  t.match(help, /camstream-inspect/);
  const { version } = JSON.parse(
    readFileSync(join(project, 'node_modules/@camstream/core/package.json'), 'utf8'),
  );
  t.match(version, /^\d+\.\d+\.\d+$/);
});
