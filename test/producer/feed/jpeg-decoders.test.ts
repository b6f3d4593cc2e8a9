import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jpegDecoders } from '@camstream/producer';
import t, { type Test } from 'tap';

/** Folders like /dev and /sys in which these devices are. */
function machine(test: Test, devices: readonly string[], nodes: Readonly<Record<string, string>> = {}) {
  const folder = test.testdir({});
  const folders = { dev: join(folder, 'dev'), sys: join(folder, 'sys') };
  for (const device of devices) {
    const path = join(folders.dev, device);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
  }
  for (const [node, name] of Object.entries(nodes)) {
    const path = join(folders.sys, 'class/video4linux', node);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'name'), `${name}\n`);
  }
  return folders;
}

t.test('without hardware nothing is tried', async (t) => {
  t.same(jpegDecoders(machine(t, [])), []);
  t.same(jpegDecoders(machine(t, ['video0'], { video0: 'HD Pro Webcam C920' })), []);
});

t.test('what is tried follows from the devices that are there, the best first', async (t) => {
  const found = jpegDecoders(
    machine(t, ['dri/card0', 'dri/renderD128', 'nvidiactl'], { video10: 'bcm2835-codec-decode' }),
  );
  t.same(
    found.map(({ name }) => name),
    ['vaapi', 'qsv', 'cuvid', 'v4l2jpegdec'],
  );
  t.match(found[0]?.argv.join(' '), /-hwaccel_device \S+renderD128 /);
});
