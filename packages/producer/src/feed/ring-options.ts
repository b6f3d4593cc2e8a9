import type { NativeRingOptions } from '@camstream/core';
import type { RingPlace } from '../config/config.js';
import type { RingFolder } from '../config/ring-place.js';

/** A ring's configuration in the addon's words. `localLeases` are for readers inside the producer. */
export function ringOptions(place: RingPlace, folder: RingFolder, localLeases: number): NativeRingOptions {
  return {
    root: folder.root,
    name: place.name,
    readers: place.slots.readers,
    hold: place.slots.hold,
    localLeases,
    leaseTimeoutMs: place.leaseTimeoutMs,
    group: place.group === '' ? folder.group : place.group,
    systemModes: folder.system,
  };
}
