import { readdirSync, readFileSync } from 'node:fs';

/** What this process has open and mapped of rings. */
export interface RingLeavings {
  readonly descriptors: number;
  /** Rings below the folder whose file is gone. */
  readonly removedRings: number;
  readonly leasePages: number;
}

/** Looks at this process: what killed producers and readers of rings below `root` have left in it. */
export function ringLeavings(root: string): RingLeavings {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    removedRings: lines.filter((line) => line.includes(root) && line.endsWith('(deleted)')).length,
    leasePages: lines.filter((line) => line.includes('memfd:camstream-lease')).length,
  };
}
