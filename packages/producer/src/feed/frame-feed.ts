import { connect, type RingReader } from '@camstream/consumer';

const timeoutMs = 10_000;

/** Reads one of our own rings as any other process would. The ring exists: this does not wait for a producer. */
export function openFrameFeed(ring: string): Promise<RingReader> {
  return connect(ring, { timeoutMs });
}
