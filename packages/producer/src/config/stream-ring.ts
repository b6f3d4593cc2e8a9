import type { CodecConfig, RingPlace, StreamConfig } from './config.js';

/** A stream that this version encodes and serves. */
export interface ServedStream extends StreamConfig {
  readonly codec: Extract<CodecConfig, { kind: 'mjpeg' }>;
}

/** Whether this version can encode the stream. */
export function isServed(stream: StreamConfig): stream is ServedStream {
  return stream.codec.kind === 'mjpeg';
}

/** The ring between a stream's conversion and its encoder: leases for the encoder and one guest. */
export function streamPlace(name: string): RingPlace {
  return { name, slots: { readers: 2, hold: 2 }, leaseTimeoutMs: 5000, group: '' };
}
