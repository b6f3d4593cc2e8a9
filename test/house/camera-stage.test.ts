import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import t from 'tap';

const run = resolve(import.meta.dirname, '../../camera/run');

t.test('where the camera VM cannot be, its tests are skipped and the reason is told', async (t) => {
  const bin = t.testdir({ uname: '#!/bin/sh\necho riscv64\n' });
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  spawnSync('chmod', ['+x', join(bin, 'uname')]);
  const { status, stdout } = spawnSync(run, { env, encoding: 'utf8' });
  t.equal(status, 0);
  t.match(stdout, /skipped: V4L2: this machine is riscv64; /);
  t.match(stdout, /^0 passed, 0 failed, [1-9]\d* skipped$/m);
});
