/** What the numbers were measured on: without it they mean nothing. */

import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** The machine as the results name it. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly virtual: string;
  readonly node: string;
  readonly commit: string;
  /** Load averages over 1, 5 and 15 minutes when the run began. */
  readonly loadBefore: readonly number[];
}

/** Describes this machine, now. */
export function describeMachine(): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    virtual: firstLine('systemd-detect-virt', []) ?? 'unknown',
    node: process.version,
    commit: firstLine('git', ['rev-parse', '--short', 'HEAD']) ?? 'unknown',
    loadBefore: load(),
  };
}

/** Load averages, two digits. */
export function load(): number[] {
  return loadavg().map((value) => Math.round(value * 100) / 100);
}

/** The machine in one line, for tables. */
export function machineLine(machine: Machine, loadAfter: readonly number[]): string {
  const { date, cores, cpu, virtual, kernel, node, commit, loadBefore } = machine;
  const when = date.slice(0, 16).replace('T', ' ');
  return (
    `${when} UTC, ${cores} x ${cpu} (${virtual}), Linux ${kernel}, Node ${node}, commit ${commit}, ` +
    `load average ${loadBefore[0]} before and ${loadAfter[0]} after`
  );
}

function firstLine(file: string, args: string[]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0];
  } catch (error) {
    // systemd-detect-virt answers "none" with exit code 1.
    const { stdout } = error as { stdout?: string };
    return stdout?.trim() || undefined;
  }
}
