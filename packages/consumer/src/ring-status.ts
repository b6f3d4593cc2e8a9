import type { NativeRingLive } from '@camstream/core';
import type { StallReason } from './events.js';

/** Bits of NativeRing.status(). */
export const statusBits = {
  closed: 1,
  producerGone: 2,
  replaced: 4,
  stalled: 8,
  heartbeat: 16,
  refused: 32,
} as const;

/** The ring will not get another frame: open again. */
export function ringIsGone(status: number): boolean {
  return (status & (statusBits.closed | statusBits.producerGone | statusBits.replaced)) !== 0;
}

/** The producer has not let this reader in, or not answered in time: frames have no lease for now. */
export function isRefused(status: number): boolean {
  return (status & statusBits.refused) !== 0;
}

/** The states that a producer gives its ring, by their numbers (docs/ring-format.md). */
export const ringStates = ['starting', 'live', 'stalled', 'closed', 'paused'] as const;

/** The producer fills the ring only while somebody reads it, and nobody did. */
export function isPaused({ state }: NativeRingLive): boolean {
  return ringStates[state] === 'paused';
}

/** Why a ring that is not gone has no frames for now; undefined if it has. */
export function stallReason(status: number): StallReason['reason'] | undefined {
  if (status & statusBits.heartbeat) return 'heartbeat';
  if (status & statusBits.stalled) return 'source';
  return undefined;
}
