import type { CodecConfig } from './config.js';

/** How a stream is encoded, for people; `encoder`: what is at work, where that is known. */
export function codecText(codec: CodecConfig, encoder = codec.encoder): string {
  if (encoder === 'pass-through') return `the camera's own ${codec.kind === 'mjpeg' ? 'JPEG' : 'H.264'}`;
  if (codec.kind === 'mjpeg') return `MJPEG quality ${codec.quality} by ${encoder}`;
  const { bitrateKbps, keyIntervalMs, latency } = codec;
  const by = encoder === 'auto' ? 'the best encoder there is' : encoder;
  return `H.264 ${bitrateKbps} kbit/s, a key frame each ${keyIntervalMs} ms, latency ${latency}, by ${by}`;
}
