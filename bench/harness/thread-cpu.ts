/** CPU time of a process by thread, from /proc. */

import { readdirSync, readFileSync } from 'node:fs';

/** Shares of a core by thread name. */
export type ThreadShares = Readonly<Record<string, number>>;

/** What each group of threads used between two calls of the function returned. */
export function watchThreads(pid: number): () => ThreadShares {
  let before = ticksByName(pid);
  let beforeMs = performance.now();
  return () => {
    const after = ticksByName(pid);
    const afterMs = performance.now();
    const seconds = (afterMs - beforeMs) / 1000;
    const shares = Object.entries(after).map(([name, ticks]) => [
      name,
      (ticks - (before[name] ?? 0)) / TICKS_PER_SECOND / seconds,
    ]);
    before = after;
    beforeMs = afterMs;
    return Object.fromEntries(shares);
  };
}

/** USER_HZ, which Linux has fixed for programs. */
const TICKS_PER_SECOND = 100;

function ticksByName(pid: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const { name, ticks } = read(pid, thread);
    const group = thread === String(pid) ? 'event loop' : name;
    sums[group] = (sums[group] ?? 0) + ticks;
  }
  return sums;
}

function read(pid: number, thread: string): { readonly name: string; readonly ticks: number } {
  const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const name = stat.slice(stat.indexOf('(') + 1, end);
  // Node 20 does not name the threads of libuv's pool and of V8.
  return { name: name === 'node' ? 'libuv pool' : name, ticks: Number(fields[11]) + Number(fields[12]) };
}
