import { execFileSync, spawnSync } from 'node:child_process';
import type { Test } from 'tap';

/** Addresses of the line between two network namespaces. */
export const lineAddresses = { service: '10.77.0.1', viewer: '10.77.0.2' } as const;

/** Two network namespaces with a line between them, for a service and its viewers. */
export class TwoNetworks {
  private constructor(
    readonly service: string,
    readonly viewer: string,
  ) {}

  /** Undefined without the right to make them. Gone after the test. */
  static make(t: Test): TwoNetworks | undefined {
    if (spawnSync('unshare', ['-n', 'true']).status !== 0) return undefined;
    const networks = new TwoNetworks(`camstream-s-${process.pid}`, `camstream-v-${process.pid}`);
    const { service, viewer } = networks;
    t.teardown(() => {
      for (const name of [service, viewer]) spawnSync('ip', ['netns', 'delete', name]);
    });
    for (const name of [service, viewer]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('-n', service, 'link', 'add', 'line', 'type', 'veth', 'peer', 'name', 'line', 'netns', viewer);
    for (const [name, address] of [
      [service, lineAddresses.service],
      [viewer, lineAddresses.viewer],
    ] as const) {
      ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'line');
      ip('-n', name, 'link', 'set', 'line', 'up');
    }
    return networks;
  }

  /** What to put before a command that is to run at that end. */
  at(end: 'service' | 'viewer'): readonly [string, ...string[]] {
    return ['ip', 'netns', 'exec', this[end]];
  }

  /** The line carries only so much towards the viewer. Undefined: as much as there is. */
  narrow(rate: string | undefined): void {
    const [program, ...args] = this.at('service');
    const line = ['tc', 'qdisc', rate === undefined ? 'delete' : 'replace', 'dev', 'line', 'root'];
    const limit = rate === undefined ? [] : ['tbf', 'rate', rate, 'burst', '16kb', 'latency', '50ms'];
    execFileSync(program, [...args, ...line, ...limit]);
  }

  /** So many of a hundred packets by UDP never reach the viewer. */
  lose(percent: number): void {
    const [program, ...args] = this.at('viewer');
    const rules = [
      'add table ip lossy',
      'add chain ip lossy in { type filter hook input priority 0; }',
      `add rule ip lossy in ip protocol udp numgen random mod 100 < ${percent} drop`,
    ];
    execFileSync(program, [...args, 'nft', '-f', '-'], { input: `${rules.join('\n')}\n` });
  }

  loseNothing(): void {
    const [program, ...args] = this.at('viewer');
    execFileSync(program, [...args, 'nft', 'delete', 'table', 'ip', 'lossy']);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}
