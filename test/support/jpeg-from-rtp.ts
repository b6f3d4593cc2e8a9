import type { RtpPacket } from './rtsp-client.js';

/** The JPEG of a picture's packets (RFC 2435) as receivers put it together, without Huffman tables. */
export function jpegOf(packets: readonly RtpPacket[]): Buffer {
  const [first] = packets;
  if (first === undefined) throw new Error('wanted packets, found none');
  const { payload } = first;
  const [type = 0, q = 0, wide = 0, high = 0] = payload.subarray(4, 8);
  if (q !== 255 || type > 1) throw new Error(`wanted tables in band and no restart markers: ${type}, ${q}`);
  const tables = [payload.subarray(12, 76), payload.subarray(76, 140)];
  const sampling = type === 0 ? 0x21 : 0x22;
  const size = Buffer.alloc(4);
  size.writeUInt16BE(high * 8, 0);
  size.writeUInt16BE(wide * 8, 2);
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    ...tables.flatMap((table, index) => [Buffer.of(0xff, 0xdb, 0, 67, index), table]),
    Buffer.concat([Buffer.of(0xff, 0xc0, 0, 17, 8), size]),
    Buffer.of(3, 1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1),
    Buffer.of(0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0),
    ...packets.map((packet, index) => packet.payload.subarray(index === 0 ? 140 : 8)),
    Buffer.of(0xff, 0xd9),
  ]);
}

/** Packets by picture: those of one time stamp, whole ones only. */
export function picturesOf(packets: readonly RtpPacket[]): RtpPacket[][] {
  const pictures: RtpPacket[][] = [];
  for (const packet of packets) {
    const last = pictures.at(-1);
    if (last?.[0]?.timestamp === packet.timestamp) last.push(packet);
    else pictures.push([packet]);
  }
  return pictures.filter((picture) => picture.at(-1)?.marker === true);
}
