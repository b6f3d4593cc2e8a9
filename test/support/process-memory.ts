import { readdirSync, readFileSync } from 'node:fs';

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
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function anonymousBytes(pid: number): number {
  return 1024 * Number(/RssAnon:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Nothing where the process or thread has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
