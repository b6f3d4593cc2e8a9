/** CPU time of processes with all of their children, those that have ended included, from /proc. */

import { readdirSync, readFileSync } from 'node:fs';

/** Shares of one core between two moments. */
export interface CpuUse {
  readonly user: number;
  readonly system: number;
  /** User and system by program name. */
  readonly programs: Readonly<Record<string, number>>;
}

/** Both together. */
export function totalCpu({ user, system }: CpuUse): number {
  return user + system;
}

/**
 * What the processes `roots` and everybody below them use from now until the returned function is called. A
 * child that ends meanwhile is in its parent's account. `except`: processes by their command line that do
 * not count, nor what they have started.
 */
export function watchCpu(
  roots: readonly number[],
  except: (commandLine: string) => boolean = () => false,
): () => CpuUse {
  const before = accountOf(roots, except);
  const beganMs = performance.now();
  return () => {
    const after = accountOf(roots, except);
    const ticks = ((performance.now() - beganMs) / 1000) * TICKS_PER_SECOND;
    const programs = Object.entries(after.programs).map(([name, sum]) => [
      name,
      (sum - (before.programs[name] ?? 0)) / ticks,
    ]);
    return {
      user: (after.user - before.user) / ticks,
      system: (after.system - before.system) / ticks,
      programs: Object.fromEntries(programs),
    };
  };
}

/** CPU time of all children of this process that have ended, in ms. */
export function childrenCpuMs(): number {
  const stat = read('/proc/self/stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND) * 1000;
}

/** USER_HZ, which Linux has fixed for programs. */
const TICKS_PER_SECOND = 100;

interface Account {
  readonly user: number;
  readonly system: number;
  readonly programs: Readonly<Record<string, number>>;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Own, and that of children who have ended and been waited for. */
  readonly user: number;
  readonly system: number;
}

function accountOf(roots: readonly number[], except: (commandLine: string) => boolean): Account {
  const processes = new Map(allProcesses().map((process) => [process.pid, process]));
  const counts = (process: Process): boolean => {
    if (except(commandLineOf(process.pid))) return false;
    if (roots.includes(process.pid)) return true;
    const parent = processes.get(process.parent);
    return parent !== undefined && counts(parent);
  };
  const account = { user: 0, system: 0, programs: {} as Record<string, number> };
  for (const process of processes.values()) {
    if (!counts(process)) continue;
    account.user += process.user;
    account.system += process.system;
    account.programs[process.name] = (account.programs[process.name] ?? 0) + process.user + process.system;
  }
  return account;
}

function allProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = read(`/proc/${pid}/stat`);
      return stat === '' ? [] : [parse(Number(pid), stat)];
    });
}

function parse(pid: number, stat: string): Process {
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const field = (index: number): number => Number(fields[index]);
  return {
    pid,
    parent: field(1),
    name: stat.slice(stat.indexOf('(') + 1, end),
    user: field(11) + field(13),
    system: field(12) + field(14),
  };
}

function commandLineOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

// A process may be gone between the listing and the look.
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
