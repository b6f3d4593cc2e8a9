import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrorCode } from '@camstream/core';
import type { Config } from './config/config.js';
import { megabytes, planOf, planText } from './config/plan.js';

/** Prints what a valid configuration comes to. Returns 1 if this machine has not the memory for it. */
export async function check(config: Config, ringRoot: string): Promise<number> {
  const plan = planOf(config);
  const free = await freeBytes(ringRoot);
  const lines = [planText(plan), `        ${ringRoot} has ${megabytes(free)} free`];
  const fits = free >= plan.ringBytes;
  if (!fits) {
    lines.push(
      `RING_NO_SPACE: wanted ${megabytes(plan.ringBytes)}, found ${megabytes(free)}. Promise fewer leases ` +
        '(rings.NAME.slots), leave rings out, or give the file system more room ' +
        '(`mount -o remount,size=1g /dev/shm`, Docker: --shm-size=1g).',
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return fits ? 0 : 1;
}

/** Free space where `folder` is or will be. */
async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT') || folder === dirname(folder)) throw error;
    return freeBytes(dirname(folder));
  }
}
