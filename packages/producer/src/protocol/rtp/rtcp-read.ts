// RTCP as receivers say it (RFC 3550 6.4.2, 6.6).

/** What a receiver tells of one sender. */
export interface ReceptionReport {
  /** The sender's. */
  readonly ssrc: number;
  /** Of the packets since its last report, 0 to 1. */
  readonly fractionLost: number;
  /** Since it began; duplicates make it negative. */
  readonly lost: number;
  readonly highestSequence: number;
  /** In ticks of the sender's clock. */
  readonly jitter: number;
}

/** A compound packet from a receiver, as far as it concerns a sender. */
export interface ReceiverPacket {
  /** The receiver's. */
  readonly ssrc: number;
  readonly reports: readonly ReceptionReport[];
  /** It leaves. */
  readonly bye: boolean;
}

const srType = 200;
const rrType = 201;
const byeType = 203;
const reportBytes = 24;

/** Reads a compound packet. Undefined if it is none: whoever sends it is not listened to. */
export function readReceiverPacket(data: Buffer): ReceiverPacket | undefined {
  let ssrc: number | undefined;
  let bye = false;
  const reports: ReceptionReport[] = [];
  let at = 0;
  while (at < data.length) {
    if (data.length - at < 4) return undefined;
    const [first = 0, type = 0] = data.subarray(at, at + 2);
    const bytes = (data.readUInt16BE(at + 2) + 1) * 4;
    if (first >> 6 !== 2 || type < 192 || type > 223 || bytes > data.length - at) return undefined;
    const packet = data.subarray(at, at + bytes);
    at += bytes;
    if (bytes < 8) continue;
    ssrc ??= packet.readUInt32BE(4);
    if (type === byeType) bye = true;
    if (type !== srType && type !== rrType) continue;
    const begin = type === srType ? 28 : 8;
    const count = first & 0x1f;
    if (begin + count * reportBytes > bytes) return undefined;
    for (let index = 0; index < count; ++index) reports.push(readReport(packet, begin + index * reportBytes));
  }
  return ssrc === undefined ? undefined : { ssrc, reports, bye };
}

function readReport(packet: Buffer, at: number): ReceptionReport {
  return {
    ssrc: packet.readUInt32BE(at),
    fractionLost: packet.readUInt8(at + 4) / 256,
    lost: packet.readIntBE(at + 5, 3),
    highestSequence: packet.readUInt32BE(at + 8),
    jitter: packet.readUInt32BE(at + 12),
  };
}
