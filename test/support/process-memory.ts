import { readdirSync } from 'node:fs';
import { allChildrenOf, procText } from './child-processes.js';

/** What a process and its children hold. */
export interface Holding {
  /** Memory of their own (RssAnon), in bytes: without what is shared and without files. */
  readonly anonymous: number;
  /** Of the process itself, the children's left out. */
  readonly descriptors: number;
  readonly threads: number;
}

/** Looks at a process and whatever it has started (proc(5)). */
export function holdingOf(pid: number): Holding {
  return {
    anonymous: [pid, ...descendants(pid)].map(anonymousBytes).reduce((sum, bytes) => sum + bytes, 0),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

function descendants(pid: number): number[] {
  return allChildrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function anonymousBytes(pid: number): number {
  return 1024 * Number(/RssAnon:\s+(\d+)/.exec(procText(`/proc/${pid}/status`))?.[1] ?? 0);
}
