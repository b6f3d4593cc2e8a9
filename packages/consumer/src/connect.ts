import { setTimeout as sleep } from 'node:timers/promises';
import { CamstreamError, checkRingName, ringRoots } from '@camstream/core';
import { checkFlag, checkNames, checkSignal, checkTimeout } from './call-options.js';
import { listRings } from './list-rings.js';
import { RingLink } from './ring-link.js';
import { RingReader } from './ring-reader.js';

/** How long to wait for a ring, and what ends the waiting. */
export interface ConnectOptions {
  /** Throws RING_TIMEOUT after so long; for ever if not given. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Be awake when a frame comes: the reader learns the rhythm, wakes up half a millisecond before a frame is
   * due and watches for it. A frame is in hand some microseconds after it was published then, for 2 to 5 %
   * of a core at 60 frames a second, during which the thread does nothing else. For one or two readers of a
   * machine with a core to spare; more of them hold each other up.
   */
  readonly anticipate?: boolean;
}

/**
 * Opens the ring of that name for reading: the user's own, else the system's. Waits for it if it is not
 * there yet. Rejects with RING_NAME, OPTION_INVALID, RING_TIMEOUT, or what waiting does not cure:
 * RING_PERMISSION, RING_ROOT_UNTRUSTED, RING_VERSION, RING_CORRUPT, RING_SYSTEM, ADDON_LOAD.
 */
export async function connect(name: string, options: ConnectOptions = {}): Promise<RingReader> {
  checkRingName(name);
  const { signal, timeoutMs = Number.POSITIVE_INFINITY, anticipate = false } = options;
  checkTimeout('connect()', timeoutMs);
  checkSignal('connect()', signal);
  checkFlag('connect()', 'anticipate', anticipate);
  checkNames('connect()', options, ['timeoutMs', 'signal', 'anticipate']);
  signal?.throwIfAborted();
  const deadline = performance.now() + timeoutMs;
  const link = new RingLink(name, anticipate);
  while (!link.tryOpen()) {
    if (performance.now() >= deadline) throw link.failure ?? noRing(name, timeoutMs);
    try {
      await sleep(Math.min(retryMs, deadline - performance.now()), undefined, signal ? { signal } : {});
    } catch {
      signal?.throwIfAborted();
    }
  }
  return new RingReader(link);
}

const retryMs = 50;

function noRing(name: string, timeoutMs: number): CamstreamError {
  const listed = listRings();
  const others = listed.filter((ring) => ring.live).map((ring) => ring.name);
  const closed = listed.flatMap((ring) => (ring.name === '' && ring.error ? [ring.error.message] : []));
  const found = [others.length > 0 ? `Found ${others.join(', ')}.` : 'Found no ring at all.', ...closed].join(
    ' ',
  );
  return new CamstreamError(
    'RING_TIMEOUT',
    `Wanted ring '${name}' with a running producer within ${timeoutMs} ms, in ${ringRoots().join(' or ')}. ` +
      `${found} Is camstream-producer running, and does its configuration have a ring of that name?`,
  );
}
