import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Test } from 'tap';

const longWire = resolve(import.meta.dirname, '../../support/long-wire.py');

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
    const networks = TwoNetworks.apart(t);
    if (networks === undefined) return undefined;
    const { service, viewer } = networks;
    ip('-n', service, 'link', 'add', 'line', 'type', 'veth', 'peer', 'name', 'line', 'netns', viewer);
    networks.bringUp();
    return networks;
  }

  /** What goes over the line takes so long, in either direction. */
  static async makeFar(t: Test, delayMs: number): Promise<TwoNetworks | undefined> {
    const networks = TwoNetworks.apart(t);
    if (networks === undefined) return undefined;
    // Not every kernel has sch_netem: the line has a program in its middle.
    const middle = `camstream-w-${process.pid}`;
    ip('netns', 'add', middle);
    t.teardown(() => spawnSync('ip', ['netns', 'delete', middle]));
    for (const end of ['service', 'viewer'] as const) {
      const other = ['type', 'veth', 'peer', 'name', end, 'netns', middle];
      ip('-n', networks[end], 'link', 'add', 'line', ...other);
      ip('-n', middle, 'link', 'set', end, 'up');
    }
    const args = ['netns', 'exec', middle, 'python3', longWire, String(delayMs), 'service', 'viewer'];
    const wire = spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    t.teardown(() => wire.kill());
    await Promise.race([
      once(wire.stdout, 'data'),
      once(wire, 'exit').then(([code]) => {
        throw new Error(`the long wire ended with ${code}`);
      }),
    ]);
    networks.bringUp();
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

  /** The namespaces, with nothing between them yet. */
  private static apart(t: Test): TwoNetworks | undefined {
    if (spawnSync('unshare', ['-n', 'true']).status !== 0) return undefined;
    const networks = new TwoNetworks(`camstream-s-${process.pid}`, `camstream-v-${process.pid}`);
    const names = [networks.service, networks.viewer];
    t.teardown(() => {
      for (const name of names) spawnSync('ip', ['netns', 'delete', name]);
    });
    for (const name of names) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    return networks;
  }

  private bringUp(): void {
    for (const end of ['service', 'viewer'] as const) {
      ip('-n', this[end], 'address', 'add', `${lineAddresses[end]}/24`, 'dev', 'line');
      ip('-n', this[end], 'link', 'set', 'line', 'up');
    }
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}
