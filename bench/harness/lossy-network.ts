import { execFileSync, spawnSync } from 'node:child_process';
import { Unavailable } from '../rivals/setup.js';
import { NetworkNamespace } from './network-namespace.js';

/** A network namespace whose loopback loses packets. */
export class LossyNetwork extends NetworkNamespace {
  constructor() {
    if (spawnSync('nft', ['--version']).status !== 0) throw new Unavailable('no nft. Install nftables.');
    super('lossy', [
      ['link', 'set', 'lo', 'up'],
      // Packets as on a wire: TCP hands loopback 64 KiB at once otherwise, and losing that is another thing.
      ['link', 'set', 'lo', 'mtu', '1500', 'gso_max_segs', '1'],
    ]);
  }

  /** From now on so many of a hundred packets from `tcpPort`, or by UDP, never arrive. 0: all do. */
  lose(percent: number, tcpPort: number): void {
    const rules = [
      'add table inet lossy',
      'delete table inet lossy',
      'add table inet lossy',
      'add chain inet lossy in { type filter hook input priority 0; }',
      ...(percent === 0
        ? []
        : [`tcp sport ${tcpPort}`, 'meta l4proto udp'].map(
            (what) => `add rule inet lossy in ${what} numgen random mod 100 < ${percent} drop`,
          )),
    ];
    execFileSync('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], { input: `${rules.join('\n')}\n` });
  }
}
