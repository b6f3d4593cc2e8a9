// Forked by ring-observer.ts: an Observation comes in as a message, an Observed goes out.
import { connect } from '@camstream/consumer';
import { colourAt } from './pixel-colour.js';
import type { Observation, Observed, ObservedFrame } from './ring-observer.js';

process.on('message', (message) => {
  observe(message as Observation).then(
    (observed) => process.send?.(observed),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function observe({ ring, frames: wanted, fromDiscontinuity, places }: Observation): Promise<Observed> {
  const reader = await connect(ring, { timeoutMs: 30_000 });
  try {
    const frames: ObservedFrame[] = [];
    for await (const frame of reader.frames('every', { signal: AbortSignal.timeout(60_000) })) {
      frames.push({
        sequence: frame.sequence,
        missed: frame.missed,
        droppedBefore: frame.droppedBefore,
        flags: frame.flags,
        capturedAtNs: Number(frame.capturedAtNs),
        publishedAtNs: Number(frame.publishedAtNs),
        bytes: frame.data.length,
      });
      const first = fromDiscontinuity ? frames.findIndex(({ flags }) => flags.discontinuity) : 0;
      if (first < 0 || frames.length - first < wanted) continue;
      const colours = places.map(([x, y]) =>
        colourAt(frame, Math.floor(x * frame.width), Math.floor(y * frame.height)),
      );
      if (!frame.isIntact()) throw new Error('the frame changed while it was being looked at');
      return { info: frame.ring, frames, colours };
    }
    throw new Error('the ring was closed');
  } finally {
    reader.close();
  }
}
