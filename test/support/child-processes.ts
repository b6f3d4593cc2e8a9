import { readdirSync, readFileSync } from 'node:fs';

/** The children of a process with that program's name. */
export function childrenOf(pid: number, name: string): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((child) => child.trim() !== '')
    .map(Number)
    .filter((child) => nameOf(child) === name);
}

/** Of a process; undefined where it has just ended. */
function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
