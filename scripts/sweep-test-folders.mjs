// Tests that are killed (a time-out, Ctrl-C) cannot remove their folders below /dev/shm. Those carry the
// number of the process that made them, and whoever runs tests removes those whose process is gone.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const parent = '/dev/shm';

/** Removes `camstream-test-PID-*` of processes that are gone. */
export function sweepTestFolders(folder = parent) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^camstream-test-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
