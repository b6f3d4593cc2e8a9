import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const module = fileURLToPath(new URL('../../../scripts/sweep-test-folders.mjs', import.meta.url));

t.test('folders of tests that were killed are removed, and no others', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'camstream-sweep-'));
  const gone = spawnSync('true').pid;
  const kept = [`camstream-test-${process.pid}-abc`, 'camstream-test-abc', `other-${gone}-abc`];
  for (const name of [...kept, `camstream-test-${gone}-abc`]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'lock'), '');
  }
  const { sweepTestFolders } = (await import(module)) as { sweepTestFolders: (folder: string) => void };
  sweepTestFolders(folder);
  t.same(readdirSync(folder).sort(), kept.sort());
});
