/** A network namespace of its own. Needs root. */

import { execFileSync, spawnSync } from 'node:child_process';
import { Unavailable } from '../rivals/setup.js';

/** One namespace, with what `setUp` makes of it: arguments of ip(8) for each command. close() removes it. */
export class NetworkNamespace {
  readonly name: string;

  protected constructor(kind: string, setUp: readonly (readonly string[])[]) {
    if (spawnSync('unshare', ['-n', 'true']).status !== 0) {
      throw new Unavailable('network namespaces need root');
    }
    this.name = `camstream-${kind}-${process.pid}`;
    ip('netns', 'add', this.name);
    try {
      for (const args of setUp) ip('-n', this.name, ...args);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    ip('netns', 'delete', this.name);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}
