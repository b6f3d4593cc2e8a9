import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chooseRingFolder, parseConfig } from '@camstream/producer';
import t from 'tap';
import { Service, testConfig } from '../support/service.js';

// What deploy/ installs, and the page that says how.

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const unit = read('deploy/systemd/camstream.service').replaceAll('\\\n', ' ');
const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
const option = (name: string) => new RegExp(` ${name} (\\S+)`).exec(setting('ExecStart'))?.[1] ?? '';
const [, ringRoot = '', mode = '', owner = '', group = ''] =
  /^d (\S+) (\S+) (\S+) (\S+) /m.exec(read('deploy/systemd/camstream-tmpfiles.conf')) ?? [];
const installing = read('docs/installing.md');

t.test('the unit makes its rings in the folder that tmpfiles.d makes, for the group video', async (t) => {
  t.equal(option('--ring-root'), ringRoot);
  t.same(chooseRingFolder({ wanted: option('--ring-root'), uid: 998 }), {
    root: '/dev/shm/camstream',
    system: true,
    group: 'video',
  });
  t.match(setting('SupplementaryGroups').split(' '), ['video'], 'one gives files to groups one is in');
  t.same([owner, group], ['root', setting('User')], 'readers trust root; the service makes the rings');
  t.match(read('deploy/systemd/camstream-sysusers.conf'), `u ${setting('User')} `);
});

t.test('every file of deploy/ is installed where it is looked for', async (t) => {
  const copies = [...installing.matchAll(/^ +(?:cp|install .*) (deploy\/\S+) +(\S+)$/gm)];
  for (const [, from = ''] of copies) t.ok(existsSync(join(root, from)), from);
  const places = copies.map(([, , to]) => to);
  t.ok(places.includes(option('--config')), 'the configuration is where the unit wants it');
  const text = read('deploy/camstream.yaml');
  const builtIn = parseConfig({ text: '', folder: '/etc/camstream' });
  t.same(parseConfig({ text, folder: '/etc/camstream' }), builtIn, 'which is the built-in one');
});

t.test('containers share one folder of rings, and open the ports that there are', async (t) => {
  const dockerfile = read('deploy/docker/Dockerfile');
  const compose = read('deploy/docker/compose.yaml');
  const mounts = [...compose.matchAll(/volumes: \["rings:(\S+)"\]/g)].map(([, path]) => path);
  t.same(mounts, [ringRoot, ringRoot]);
  t.match(dockerfile, `"--ring-root", "${ringRoot}"]`, 'where the service makes them');
  t.match(compose, /o: "size=512m,uid=0,gid=1000,mode=0775"/, 'a folder that readers trust');
  const { server, streams } = parseConfig({ text: '', folder: '/' });
  const ports = [server.httpPort, ...streams.flatMap(({ port }) => port ?? []), server.rtsp.port];
  t.match(dockerfile, `EXPOSE ${ports.join(' ')}\n`);
  for (const port of ports) t.match(compose, `"127.0.0.1:${port}:${port}"`);
});

t.test('a member of video reads what the service makes, and nobody else', { timeout: 60_000 }, async (t) => {
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) return t.pass('needs root', { skip: true });
  const video = execFileSync('getent', ['group', 'video'], { encoding: 'utf8' }).split(':')[2] ?? '';
  const serviceUser = 64_998;
  // The files of the checkout may be closed to that user: he may read them, and write nothing but his own.
  const script = `mount -t tmpfs -o size=900m,mode=1777 tmpfs /dev/shm &&
    install -d -m ${mode} -o ${owner} -g ${serviceUser} ${ringRoot} &&
    exec setpriv --reuid ${serviceUser} --regid ${serviceUser} --groups ${video} \
      --inh-caps +dac_read_search --ambient-caps +dac_read_search "$@"`;
  const service = await Service.start(t, {
    config: testConfig.replace('source: test', 'source: test, mode: { width: 320, height: 240 }'),
    ringRoot,
    wrapper: ['unshare', '-m', 'sh', '-c', script, 'sh'],
  });
  const asUser = (uid: number, groups: string) => {
    const reader = join(import.meta.dirname, '../support/read-as-process.js');
    const args = ['-t', String(service.child.pid), '-m', process.execPath, reader];
    const env = { ...process.env, CAMSTREAM_RING_ROOT: '' };
    return JSON.parse(
      execFileSync('nsenter', [...args, String(uid), groups, 'camera'], { encoding: 'utf8', env }),
    );
  };
  t.same(asUser(64_999, video), { width: 320, leased: true });
  t.match(asUser(64_999, '64999'), { code: 'RING_PERMISSION', message: /the group "video"/ });
  t.match(await service.stop(), { code: 0 });
});
