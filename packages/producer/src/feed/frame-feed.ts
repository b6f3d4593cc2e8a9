import { connect, type RingReader } from '@camstream/consumer';

const timeoutMs = 10_000;

/** Reads one of our own rings as any other process would. It exists: nobody is waited for. */
export function openFrameFeed(ring: string): Promise<RingReader> {
  return connect(ring, { timeoutMs });
}
