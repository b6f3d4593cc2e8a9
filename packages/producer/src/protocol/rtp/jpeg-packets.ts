import type { JpegLayout } from './jpeg-layout.js';
import { mostPayloadBytes, type PayloadPieces, packPayloads, type RtpPackets } from './rtp-packets.js';

// RFC 2435 3.1: each packet has a main header with its place in the scan, then, where there are restart
// markers, their header (3.1.7); the first one of a picture the quantization tables as well (3.1.8, Q 255).

/** Static (RFC 3551 6). */
export const jpegPayloadType = 26;

const mainBytes = 8;
const restartBit = 64;
const tablesInBand = 255;
const mostScanBytes = 2 ** 24;

/** The packets of a picture; none if it is too large for the header's 24 bits. */
export function packetizeJpeg(layout: JpegLayout): RtpPackets {
  const { scan } = layout;
  const payloads: PayloadPieces[] = [];
  const restart = restartHeader(layout);
  const tables = tablesHeader(layout);
  for (let at = 0; at < scan.length && scan.length <= mostScanBytes; ) {
    const headers = [mainHeader(layout, at), restart, at === 0 ? tables : Buffer.alloc(0)];
    const room = mostPayloadBytes - headers.reduce((sum, { length }) => sum + length, 0);
    payloads.push([...headers, scan.subarray(at, at + room)]);
    at += room;
  }
  return packPayloads(payloads, jpegPayloadType);
}

function mainHeader({ type, restartInterval, blocksWide, blocksHigh }: JpegLayout, offset: number): Buffer {
  const header = Buffer.alloc(mainBytes);
  header.writeUIntBE(offset, 1, 3);
  header[4] = restartInterval > 0 ? type + restartBit : type;
  header[5] = tablesInBand;
  header[6] = blocksWide;
  header[7] = blocksHigh;
  return header;
}

function restartHeader({ restartInterval }: JpegLayout): Buffer {
  if (restartInterval === 0) return Buffer.alloc(0);
  // First and last packet of an interval, number 0x3fff: intervals are not kept whole in packets.
  return Buffer.of(restartInterval >> 8, restartInterval & 0xff, 0xff, 0xff);
}

function tablesHeader({ quantization }: JpegLayout): Buffer {
  // Must be zero, precision 8 bits for all, length.
  return Buffer.concat([Buffer.of(0, 0, 0, 128), ...quantization]);
}
