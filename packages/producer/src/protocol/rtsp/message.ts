/** A request as it came (RFC 2326 6). */
export interface RtspRequest {
  readonly kind: 'request';
  /** As written: methods are case-sensitive. */
  readonly method: string;
  readonly url: string;
  readonly version: string;
  /** By name in small letters; one that came twice is one with a comma between. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A packet on one of the connection's channels (RFC 2326 10.12). */
export interface InterleavedPacket {
  readonly kind: 'interleaved';
  readonly channel: number;
  readonly data: Buffer;
}

/** What is no request that can be answered and gone on from: answer it and hang up. */
export interface BrokenRequest {
  readonly kind: 'broken';
  readonly status: number;
  /** For the other end: what is wrong. */
  readonly reason: string;
}

/** What comes over a connection. */
export type RtspMessage = RtspRequest | InterleavedPacket | BrokenRequest;
