import type { Log } from '@camstream/core';
import type { ConversionFeed } from './conversion-feed.js';
import { Demand } from './demand.js';

/**
 * A derived ring that is filled only while somebody wants its frames: an encoder that is watched, or a
 * reader in another process, who has only to join. So is the ring that it is made from.
 */
export class DemandedRing {
  /** Of those who want frames. */
  readonly demand: Demand;
  private readonly visitors: Demand;

  /** `source`: the ring that this one is made from; undefined where that is a camera's. */
  constructor(
    readonly feed: ConversionFeed,
    source: DemandedRing | undefined,
    log: Log,
  ) {
    feed.conversion.setActive(false);
    this.demand = new Demand((on) => {
      if (on) source?.demand.add();
      feed.conversion.setActive(on);
      if (!on) source?.demand.remove();
    }, 0);
    // A reader whose ring is made anew, and one that looks in now and then, does not stop and start it.
    this.visitors = new Demand((on) => {
      log.info({ ring: feed.name }, on ? 'ring read' : 'ring no longer read');
      if (on) this.demand.add();
      else this.demand.remove();
    });
    feed.visits.follow((any) => (any ? this.visitors.add() : this.visitors.remove()));
  }

  /** Nothing is switched any more. */
  stop(): void {
    this.visitors.stop();
    this.demand.stop();
  }
}
