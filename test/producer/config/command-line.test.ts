import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chooseRingFolder, parseCommandLine } from '@camstream/producer';
import t from 'tap';

const program = resolve(import.meta.dirname, '../../../../packages/producer/bin/camstream-producer.mjs');
const folder = mkdtempSync(join(tmpdir(), 'camstream-'));
t.teardown(() => rmSync(folder, { recursive: true }));

t.test('run is the command where none is given', async (t) => {
  t.match(parseCommandLine([], '1'), { kind: 'run', settings: { configPath: undefined, overrides: [] } });
  t.match(parseCommandLine(['--source', 'test'], '1'), { kind: 'run', settings: { source: 'test' } });
  t.match(parseCommandLine(['run', '--config', 'a.yaml'], '1'), {
    kind: 'run',
    settings: { configPath: 'a.yaml' },
  });
  t.match(parseCommandLine(['check', '--config=a.yaml'], '1'), {
    kind: 'check',
    settings: { configPath: 'a.yaml' },
  });
});

t.test('options become settings under their own names', async (t) => {
  const args = [
    '--host',
    '::1',
    '--http-port',
    '9000',
    '--log-level',
    'debug',
    '--log-format',
    'json',
    '--ring-root',
    '/dev/shm/x',
  ];
  t.match(parseCommandLine(args, '1'), {
    settings: {
      ringRoot: '/dev/shm/x',
      overrides: [
        { option: '--host', path: ['server', 'host'], value: '::1' },
        { option: '--http-port', path: ['server', 'httpPort'], value: 9000 },
        { option: '--log-level', path: ['log', 'level'], value: 'debug' },
        { option: '--log-format', path: ['log', 'format'], value: 'json' },
      ],
    },
  });
  t.match(parseCommandLine(['--source', 'file:clip.mp4'], '1'), {
    settings: { source: `file:${resolve('clip.mp4')}` },
  });
});

t.test('cameras are listed, and their controls listed and set', async (t) => {
  t.same(parseCommandLine(['devices', '--json'], '1'), { kind: 'devices', asJson: true });
  t.match(parseCommandLine(['controls'], '1'), {
    kind: 'controls',
    request: { settings: {}, asJson: false },
  });
  t.match(parseCommandLine(['controls', 'left', '--set', 'gain=7', 'auto_exposure=manual_mode'], '1'), {
    request: { camera: 'left', settings: { gain: '7', auto_exposure: 'manual_mode' } },
  });
});

t.test('wrong usage says what is wrong and where help is', async (t) => {
  const cases: [args: string[], message: RegExp][] = [
    [['chek'], /"chek" is no command; did you mean check\?/],
    [['device'], /"device" is no command; did you mean devices\?/],
    [['controls', '--set', 'gain'], /--set: wanted name=value, found "gain"/],
    [['--sorce', 'test'], /unknown option '--sorce'.*Did you mean --source\?/],
    [['--config'], /argument missing/],
    [['check', 'camstream.yaml'], /"camstream.yaml" is no command/],
  ];
  for (const [args, message] of cases) {
    t.throws(() => parseCommandLine(args, '1'), { code: 'USAGE', message }, args.join(' '));
  }
});

t.test('help names what can be done now and nothing of later', async (t) => {
  const help = parseCommandLine(['--help'], '1');
  t.equal(help.kind, 'print');
  const text = help.kind === 'print' ? help.text : '';
  for (const word of ['run', 'check', '--version', 'Exit codes']) t.match(text, word);
  for (const word of ['install-service']) t.notMatch(text, word);
  const forRun = parseCommandLine(['run', '--help'], '1');
  for (const word of ['--config', '--source', '--host', '--http-port', '--ring-root']) {
    t.match(forRun.kind === 'print' ? forRun.text : '', word);
  }
  t.same(parseCommandLine(['--version'], '1.2.3'), { kind: 'print', text: '1.2.3\n' });
});

t.test('root and whoever names the system folder run a system service', async (t) => {
  const service = { root: '/dev/shm/camstream', system: true, group: 'video' };
  t.same(chooseRingFolder({ wanted: undefined, uid: 0 }), service);
  t.same(chooseRingFolder({ wanted: '/dev/shm/camstream', uid: 990 }), service);
  t.match(chooseRingFolder({ wanted: '/dev/shm/x', uid: 1000 }), {
    root: '/dev/shm/x',
    system: false,
    group: '',
  });
  t.match(chooseRingFolder({ wanted: undefined, uid: 1000 }).root, /^\/dev\/shm\/camstream-\d+$/);
});

t.test('the program ends with 0, 2 and 1 as agreed', async (t) => {
  const good = file('good.yaml', 'cameras: { main: { source: test } }');
  const bad = file('bad.yaml', 'streams:\n  low:\n    width: -3\n    height: 480\n');
  const check = (...args: string[]) =>
    spawnSync(process.execPath, [program, 'check', ...args], { encoding: 'utf8' });

  const plan = check('--config', good);
  t.equal(plan.status, 0, plan.stderr);
  t.match(plan.stdout, /ring {4}camera: 1920x1080 yuyv 60\/s, 25 slots/);
  t.match(plan.stdout, /memory {2}[\d.]+ MB of shared memory in all/);

  const problem = check('--config', bad);
  t.equal(problem.status, 2);
  t.match(
    problem.stderr,
    `CONFIG_INVALID: ${bad}:3: streams.low.width: wanted a whole number 16..8192 pixels, found -3`,
  );
  const crop = file('crop.yaml', 'rings:\n  x: { crop: { x: 1400, y: 0, width: 600, height: 64 } }\n');
  const outside = check('--config', crop, '--source', 'test');
  t.equal(outside.status, 2);
  t.match(outside.stderr, `${crop}:2: rings.x.crop: CONVERSION_CROP: Cannot crop to 600x64 at 1400,0`);

  t.equal(check('--config', join(folder, 'none.yaml')).status, 2);
  t.match(check('--config', join(folder, 'none.yaml')).stderr, /CONFIG_UNREADABLE: .*there is no such file/);
  t.match(check('--config', folder).stderr, /CONFIG_UNREADABLE: .*it is a folder/);
  t.equal(check('--http-port', '70000').status, 2);
  t.match(check('--source', 'gst:').stderr, /SOURCE_INVALID/);
  t.match(check('--source', 'gst:videotestsrc ! identity').stdout, /main: gst:videotestsrc ! identity/);

  const huge = check(
    '--config',
    file('huge.yaml', 'rings: { x: { width: 8192, height: 8192, slots: { hold: 16, readers: 16 } } }'),
  );
  t.equal(huge.status, 1, 'more memory than this machine has is not a wrong configuration');
  t.match(huge.stdout, /RING_NO_SPACE: wanted [\d.]+ MB, found [\d.]+ MB in /);
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
