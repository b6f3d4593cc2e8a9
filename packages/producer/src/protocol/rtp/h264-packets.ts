import type { H264Unit } from '../../unit/unit.js';
import {
  interleaveBytes,
  mostPayloadBytes,
  type PayloadPieces,
  packPayloads,
  type RtpPackets,
} from './rtp-packets.js';

// RFC 6184, packetization-mode 1: NAL units that fit together travel in one aggregation packet (STAP-A,
// 5.7.1), which is what becomes of SPS and PPS; one that fits alone is a packet (5.6); a larger one is cut
// into fragmentation units (FU-A, 5.8).

/** Announced in SDP; the first of the dynamic ones. */
export const h264PayloadType = 96;

const stapA = 24;
const fuA = 28;
const lengthBytes = 2;

/** An access unit delimiter (H.264 7.3.2.4) of a picture of any kind, which the rest of it follows. */
export const accessUnitDelimiter: RtpPackets = withoutMarker(
  packPayloads([[Buffer.of(0x09, 0xf0)]], h264PayloadType),
);

/** The packets of an access unit. */
export function packetizeH264({ nals }: Pick<H264Unit, 'nals'>): RtpPackets {
  const payloads: PayloadPieces[] = [];
  let together: Buffer[] = [];
  let size = 1;
  const close = () => {
    const [first, ...others] = together;
    if (first !== undefined) payloads.push(others.length === 0 ? [first] : aggregate(together));
    together = [];
    size = 1;
  };
  for (const nal of nals) {
    if (nal.length === 0) continue;
    if (size + lengthBytes + nal.length > mostPayloadBytes) close();
    if (nal.length > mostPayloadBytes) {
      payloads.push(...fragments(nal));
      continue;
    }
    together.push(nal);
    size += lengthBytes + nal.length;
  }
  close();
  return packPayloads(payloads, h264PayloadType);
}

function withoutMarker(packets: RtpPackets): RtpPackets {
  packets.data[interleaveBytes + 1] = h264PayloadType;
  return packets;
}

function aggregate(nals: readonly Buffer[]): PayloadPieces {
  // Forbidden bit of any, importance (NRI) of the most important.
  const forbidden = nals.reduce((bits, nal) => bits | (head(nal) & 0x80), 0);
  const importance = Math.max(...nals.map((nal) => head(nal) & 0x60));
  return [Buffer.of(forbidden | importance | stapA), ...nals.flatMap((nal) => [lengthOf(nal), nal])];
}

function lengthOf(nal: Buffer): Buffer {
  return Buffer.of(nal.length >> 8, nal.length & 0xff);
}

function* fragments(nal: Buffer): Generator<PayloadPieces> {
  const most = mostPayloadBytes - 2;
  const indicator = (head(nal) & 0xe0) | fuA;
  const type = head(nal) & 0x1f;
  for (let at = 1; at < nal.length; at += most) {
    const start = at === 1 ? 0x80 : 0;
    const end = at + most >= nal.length ? 0x40 : 0;
    yield [Buffer.of(indicator, start | end | type), nal.subarray(at, at + most)];
  }
}

function head(nal: Buffer): number {
  return nal[0] ?? 0;
}
