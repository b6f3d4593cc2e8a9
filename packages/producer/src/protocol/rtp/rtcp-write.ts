// RTCP as a sender says it (RFC 3550 6): a compound of a sender report (SR), a source description (SDES)
// with the canonical name, and at the end a BYE.

/** The numbers of a sender report. */
export interface SenderReport {
  readonly ssrc: number;
  /** Of the same moment: on the wall clock, 32.32 bits since 1900 ... */
  readonly ntp: bigint;
  /** ... and on the sender's RTP clock. */
  readonly timestamp: number;
  /** Sent so far, modulo 2^32: packets, and bytes of payload. */
  readonly packets: number;
  readonly octets: number;
}

const version = 0x80;
const srType = 200;
const sdesType = 202;
const byeType = 203;
const cnameItem = 1;
const srBytes = 28;

/** A compound packet: SR and SDES, with `bye` a BYE behind them. */
export function senderReport(
  { ssrc, ntp, timestamp, packets, octets }: SenderReport,
  cname: string,
  { bye = false } = {},
): Buffer {
  const name = Buffer.from(cname.slice(0, 255), 'latin1');
  // An item's type and length, the name, and zeros up to a whole word, at least one.
  const chunkBytes = Math.ceil((4 + 2 + name.length + 1) / 4) * 4;
  const sdesBytes = 4 + chunkBytes;
  const packet = Buffer.alloc(srBytes + sdesBytes + (bye ? 8 : 0));
  writeHead(packet, 0, 0, srType, srBytes);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeBigUInt64BE(ntp, 8);
  packet.writeUInt32BE(timestamp, 16);
  packet.writeUInt32BE(packets, 20);
  packet.writeUInt32BE(octets, 24);
  writeHead(packet, srBytes, 1, sdesType, sdesBytes);
  packet.writeUInt32BE(ssrc, srBytes + 4);
  packet[srBytes + 8] = cnameItem;
  packet[srBytes + 9] = name.length;
  packet.set(name, srBytes + 10);
  if (bye) {
    writeHead(packet, srBytes + sdesBytes, 1, byeType, 8);
    packet.writeUInt32BE(ssrc, srBytes + sdesBytes + 4);
  }
  return packet;
}

/** `count`: of reports, chunks or sources; the length is that of the whole in words, less one. */
function writeHead(packet: Buffer, at: number, count: number, type: number, bytes: number): void {
  packet[at] = version | count;
  packet[at + 1] = type;
  packet.writeUInt16BE(bytes / 4 - 1, at + 2);
}
