import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { connect } from '../connect.js';
import type { RingReader } from '../ring-reader.js';

/** Writes a ring's frames to `out`, each in turn, until `signal` or until nobody reads them any more. */
export async function writeRaw(ring: string, out: Writable, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  out.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has seen enough, `head -c` for instance: that is no failure.
    ended.abort(error.code === 'EPIPE' ? undefined : error);
  });
  const stop = AbortSignal.any([signal, ended.signal]);
  let reader: RingReader | undefined;
  try {
    reader = await connect(ring, { signal: stop });
    for await (const frame of reader.frames('every', { signal: stop })) {
      // Written in place: the stream asks for the bytes' `.buffer`, and they stay until it is done with them.
      if (!out.write(frame.data)) await once(out, 'drain', { signal: stop });
    }
  } catch (error) {
    const cause = ended.signal.reason as NodeJS.ErrnoException | undefined;
    if (ended.signal.aborted && cause?.name !== 'AbortError') throw cause;
    if (!stop.aborted) throw error;
  } finally {
    reader?.close();
  }
}
