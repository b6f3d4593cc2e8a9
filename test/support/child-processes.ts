import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The children of a process with that program's name. */
export function childrenOf(pid: number, name: string): number[] {
  return allChildrenOf(pid).filter((child) => procText(`/proc/${child}/comm`).trim() === name);
}

/** The one child of a process with that program's name, or the first of them. Throws where there is none. */
export function childOf(pid: number | undefined, name: string): number {
  const [child] = pid === undefined ? [] : childrenOf(pid, name);
  if (child === undefined) throw new Error(`process ${pid} has no child ${name}`);
  return child; // never 0: a signal to that ends the tests themselves
}

/** The children of a process; none where it has just ended. */
export function allChildrenOf(pid: number): number[] {
  const threads = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
  return threads
    .flatMap((task) => procText(`/proc/${pid}/task/${task}/children`).split(' '))
    .filter((child) => child.trim() !== '')
    .map(Number);
}

/** A file of proc(5); empty where its process or thread has just ended. */
export function procText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
