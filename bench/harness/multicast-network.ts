/** A network namespace of its own whose loopback carries multicast. Needs root. */

import { execFileSync, spawnSync } from 'node:child_process';
import { Unavailable } from '../rivals/setup.js';

/** One namespace; close() removes it. */
export class MulticastNetwork {
  readonly name = `camstream-bench-${process.pid}`;

  constructor() {
    if (spawnSync('unshare', ['-n', 'true']).status !== 0) {
      throw new Unavailable('network namespaces need root');
    }
    ip('netns', 'add', this.name);
    ip('-n', this.name, 'link', 'set', 'lo', 'up', 'multicast', 'on');
    ip('-n', this.name, 'route', 'add', '239.0.0.0/8', 'dev', 'lo');
  }

  close(): void {
    ip('netns', 'delete', this.name);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}
