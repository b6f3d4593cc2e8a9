// One picture as RTP packets (RFC 3550 5.1), each with room in front for RTSP's interleaving (RFC 2326
// 10.12), one behind the other in one piece of memory:
//
//   0    '$', channel, length of what follows (2 bytes)
//   4    V=2 P=0 X=0 CC=0, M and payload type, sequence number (2 bytes)
//   8    timestamp
//   12   SSRC
//   16   payload

/** Of the interleaving in front of each packet. */
export const interleaveBytes = 4;
/** Of RTP's own header. */
export const rtpHeaderBytes = 12;
/** Payload of one packet at most: with all headers it fits an Ethernet frame, through IPv6 and a tunnel. */
export const mostPayloadBytes = 1388;

/** All packets of one picture, made once. Each viewer sends a copy with its own numbers (RtpSender). */
export interface RtpPackets {
  readonly data: Buffer;
  /** Where each packet's interleaving starts in `data`; behind them, where the last one ends. */
  readonly starts: Uint32Array;
  /** Of all packets without headers: what sender reports count. */
  readonly payloadBytes: number;
}

/** A payload as the pieces that it is put together from. */
export type PayloadPieces = readonly Uint8Array[];

/** Lays out a picture's packets; the last one carries the marker. */
export function packPayloads(payloads: readonly PayloadPieces[], payloadType: number): RtpPackets {
  const sizes = payloads.map((pieces) => pieces.reduce((sum, piece) => sum + piece.length, 0));
  const payloadBytes = sizes.reduce((sum, size) => sum + size, 0);
  const overhead = interleaveBytes + rtpHeaderBytes;
  const data = Buffer.alloc(payloadBytes + payloads.length * overhead);
  const starts = new Uint32Array(payloads.length + 1);
  let at = 0;
  for (const [index, pieces] of payloads.entries()) {
    const isLast = index === payloads.length - 1;
    starts[index] = at;
    data[at] = 0x24;
    data.writeUInt16BE(rtpHeaderBytes + (sizes[index] ?? 0), at + 2);
    data[at + 4] = 0x80;
    data[at + 5] = (isLast ? 0x80 : 0) | payloadType;
    at += overhead;
    for (const piece of pieces) {
      data.set(piece, at);
      at += piece.length;
    }
  }
  starts[payloads.length] = at;
  return { data, starts, payloadBytes };
}
