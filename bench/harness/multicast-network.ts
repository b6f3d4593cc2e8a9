import { NetworkNamespace } from './network-namespace.js';

/** A network namespace whose loopback carries multicast. */
export class MulticastNetwork extends NetworkNamespace {
  constructor() {
    super('multicast', [
      ['link', 'set', 'lo', 'up', 'multicast', 'on'],
      ['route', 'add', '239.0.0.0/8', 'dev', 'lo'],
    ]);
  }
}
