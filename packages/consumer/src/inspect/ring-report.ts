import { listRings, type RingListing } from '../list-rings.js';

/** A ring as camstream-inspect shows it; one line of --json. */
export interface RingReport {
  readonly name: string;
  readonly path: string;
  readonly state: RingListing['state'];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly format: string | null;
  readonly colour: string | null;
  /** Frames a second: as the ring is meant to be filled, and as it was while it was looked at. */
  readonly nominalRate: number | null;
  readonly measuredRate: number | null;
  readonly sequence: number;
  readonly newestAgeMs: number | null;
  readonly readers: number;
  readonly leased: number;
  readonly leaseSlots: number | null;
  readonly revoked: number;
  readonly slots: number | null;
  readonly bytes: number | null;
  readonly producerPid: number | null;
  readonly ringId: string | null;
}

/** Looks at the rings twice, `intervalMs` apart: the difference is the rate. */
export class RingObservation {
  #before = new Map<string, RingListing>();
  #beforeMs = 0;

  constructor() {
    this.#look();
  }

  /** What has come of the rings since the last look. `ring`: only that one. */
  report(ring: string | undefined): RingReport[] {
    const [before, beforeMs] = [this.#before, this.#beforeMs];
    const now = this.#look();
    const seconds = (this.#beforeMs - beforeMs) / 1000;
    return now
      .filter(({ name }) => ring === undefined || name === ring)
      .map((listing) => reportOf(listing, rateOf(before.get(listing.path), listing, seconds)));
  }

  #look(): RingListing[] {
    const rings = listRings();
    this.#before = new Map(rings.map((listing) => [listing.path, listing]));
    this.#beforeMs = performance.now();
    return rings;
  }
}

/** Undefined if it is another ring than before, of which the producer was restarted. */
function rateOf(before: RingListing | undefined, now: RingListing, seconds: number): number | null {
  if (!before?.info || before.info.ringId !== now.info?.ringId) return null;
  return Math.round(((now.sequence - before.sequence) / seconds) * 10) / 10;
}

function reportOf(ring: RingListing, measuredRate: number | null): RingReport {
  const { info, error } = ring;
  return {
    name: ring.name,
    path: ring.path,
    state: ring.state,
    error: error ? { code: error.code, message: error.message } : null,
    width: info?.width ?? null,
    height: info?.height ?? null,
    format: info?.format ?? null,
    colour: info ? `${info.colour.matrix}/${info.colour.range}` : null,
    nominalRate: info?.rate ?? null,
    measuredRate,
    sequence: ring.sequence,
    newestAgeMs: ring.newestAgeMs === undefined ? null : Math.round(ring.newestAgeMs * 10) / 10,
    readers: ring.readers,
    leased: ring.leased,
    leaseSlots: info?.leaseSlots ?? null,
    revoked: ring.revoked,
    slots: info?.slotCount ?? null,
    bytes: info?.fileSize ?? null,
    producerPid: info?.producerPid ?? null,
    ringId: info?.ringId ?? null,
  };
}
