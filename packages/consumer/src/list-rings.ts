import {
  CamstreamError,
  loadRingAddon,
  type NativeRingLive,
  type RingInfo,
  ringInfoOf,
  ringRoots,
  toCamstreamError,
} from '@camstream/core';
import { ringStates } from './ring-status.js';

/** The state of a ring's producer, as the ring says it. `paused`: it is filled while somebody reads it. */
export type RingState = (typeof ringStates)[number] | 'dead';

/** What a ring tells without being joined. */
export interface RingListing {
  /** '' for a folder of rings that cannot be listed; `error` then says why. */
  readonly name: string;
  /** The ring's folder. */
  readonly path: string;
  /** Its producer is running. */
  readonly live: boolean;
  readonly state: RingState;
  /** Undefined if the ring cannot be read; `error` then says why. */
  readonly info: RingInfo | undefined;
  readonly error: CamstreamError | undefined;
  readonly sequence: number;
  /** Age of the newest frame in ms; undefined while there is none. */
  readonly newestAgeMs: number | undefined;
  /** Readers that have joined, leases they hold, leases taken from hung ones. */
  readonly readers: number;
  readonly leased: number;
  readonly revoked: number;
}

/** The rings of this machine that this user can see, those that connect() prefers first. */
export function listRings(): RingListing[] {
  const seen = new Set<string>();
  return ringRoots().flatMap((root) => {
    try {
      return loadRingAddon()
        .listRings(root)
        .filter((name) => !seen.has(name) && seen.add(name))
        .map((name) => inspectRing(root, name));
    } catch (error) {
      return [{ ...unreadable, name: '', path: root, error: knownError(error) }];
    }
  });
}

/** One ring below `root`. Does not throw: an unreadable ring has `error`. */
export function inspectRing(root: string, name: string): RingListing {
  const path = `${root}/${name}`;
  try {
    const { info, live } = loadRingAddon().inspectRing(root, name);
    const state = stateOf(live);
    return {
      name,
      path,
      live: state !== 'closed' && state !== 'dead',
      state,
      info: ringInfoOf(info),
      error: undefined,
      sequence: live.headSequence,
      newestAgeMs: live.headAgeNs < 0 ? undefined : live.headAgeNs / 1e6,
      readers: live.members,
      leased: live.leased,
      revoked: live.revoked,
    };
  } catch (error) {
    return { ...unreadable, name, path, error: knownError(error) };
  }
}

function knownError(error: unknown): CamstreamError {
  const known = toCamstreamError(error);
  if (known instanceof CamstreamError) return known;
  throw error;
}

const unreadable = {
  live: false,
  state: 'dead' as const,
  info: undefined,
  sequence: 0,
  newestAgeMs: undefined,
  readers: 0,
  leased: 0,
  revoked: 0,
};

const deadAfterNs = 1e9;

function stateOf(live: NativeRingLive): RingState {
  const state = ringStates[live.state] ?? 'dead';
  return state !== 'closed' && live.heartbeatAgeNs > deadAfterNs ? 'dead' : state;
}
