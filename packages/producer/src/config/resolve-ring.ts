import type { RingPlace } from './config.js';
import type { RingDocument } from './schema.js';

type Slots = RingPlace['slots'];

const ringSlots: Slots = { readers: 12, hold: 1 };

/** Leases of a ring between conversion and encoder that says nothing of them: the encoder and one guest. */
export const streamSlots: Slots = { readers: 2, hold: 2 };

const mostLeases = 256;

/** Name, memory and access of a ring, with every default. */
export function ringPlace(
  name: string,
  { slots, leaseTimeoutMs = 5000, group = '' }: Pick<RingDocument, 'slots' | 'leaseTimeoutMs' | 'group'>,
): RingPlace {
  return { name, slots: slotsOf(slots, ringSlots), leaseTimeoutMs, group };
}

/** The slots that were asked for over those of `base`. */
export function slotsOf(slots: RingDocument['slots'], base: Slots): Slots {
  return { readers: slots?.readers ?? base.readers, hold: slots?.hold ?? base.hold };
}

/** What is wrong with slots that promise more leases than a ring can have. */
export function tooManyLeases({ readers, hold }: Slots): string | undefined {
  const leases = readers * hold;
  return leases <= mostLeases
    ? undefined
    : `wanted at most ${mostLeases} leases (readers x hold), found ${leases}`;
}
