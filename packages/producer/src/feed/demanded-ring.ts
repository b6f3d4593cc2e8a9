import type { ConversionFeed } from './conversion-feed.js';
import { Demand } from './demand.js';

/** A derived ring that is filled only while somebody wants its frames; so is the one it is made from. */
export class DemandedRing {
  /** Of those who want frames. */
  readonly demand: Demand;

  /** `source`: the ring that this one is made from; undefined where that is a camera's. */
  constructor(
    readonly feed: ConversionFeed,
    source: DemandedRing | undefined,
  ) {
    feed.conversion.setActive(false);
    this.demand = new Demand((on) => {
      if (on) source?.demand.add();
      feed.conversion.setActive(on);
      if (!on) source?.demand.remove();
    }, 0);
  }
}
