import {
  type JpegLayout,
  jpegLayout,
  ntpOf,
  packetizeH264,
  packetizeJpeg,
  type RtpPackets,
  RtpSender,
  readReceiverPacket,
  ticksOf,
} from '@camstream/producer';
import sharp from 'sharp';
import t from 'tap';
import { nalsOf, type RtpPacket } from '../../support/rtsp-client.js';

const mostPacketBytes = 1400;
const random = Buffer.from('0102030405060708fffe', 'hex');

/** The packets as a receiver would see them. */
function received({ starts }: RtpPackets, data: Buffer): RtpPacket[] {
  return Array.from(starts.subarray(0, -1), (start, index) => {
    const packet = data.subarray(start + 4, starts[index + 1]);
    if (packet.length > mostPacketBytes) throw new Error(`a packet of ${packet.length} bytes`);
    if (data[start] !== 0x24 || data.readUInt16BE(start + 2) !== packet.length)
      throw new Error('interleaving');
    return {
      marker: (packet.readUInt8(1) & 0x80) !== 0,
      payloadType: packet.readUInt8(1) & 0x7f,
      sequence: packet.readUInt16BE(2),
      timestamp: packet.readUInt32BE(4),
      ssrc: packet.readUInt32BE(8),
      payload: packet.subarray(12),
      atNs: 0n,
    };
  });
}

const nal = (type: number, bytes: number) => {
  const data = Buffer.alloc(bytes, type);
  data[0] = 0x60 | type;
  return data;
};

t.test('NAL units of any size arrive as they were, the last packet marked', async (t) => {
  for (const sizes of [[1], [1386], [1387], [1388], [1389], [2774, 2775], [100, 100, 1300, 5], [40_000]]) {
    const nals = [nal(7, 20), nal(8, 5), ...sizes.map((bytes) => nal(5, bytes))];
    const packets = packetizeH264({ nals });
    const got = received(packets, packets.data);
    t.same(nalsOf(got), nals, sizes.join(' '));
    t.same(
      got.map(({ marker }) => marker),
      got.map((_, index) => index === got.length - 1),
    );
    t.equal(got[0]?.payloadType, 96);
    t.equal((got[0]?.payload[0] ?? 0) & 0x1f, 24, 'SPS and PPS travel together');
  }
});

t.test('each viewer has its own numbers, without gaps', async (t) => {
  const packets = packetizeH264({ nals: [nal(5, 3000)] });
  const sender = new RtpSender(random);
  const first = received(packets, sender.stamp(packets, 1_000_000_000n, 2));
  const second = received(packets, sender.stamp(packets, 1_100_000_000n, 2));
  t.same(
    [...first, ...second].map(({ sequence }) => sequence),
    [0xfffe, 0xffff, 0, 1, 2, 3],
  );
  t.equal(sender.nextSequence, 4);
  t.same(new Set(first.map(({ timestamp }) => timestamp)).size, 1);
  t.equal((second[0]?.timestamp ?? 0) - (first[0]?.timestamp ?? 0), 9000);
  t.equal(first[0]?.ssrc, 0x01020304);
  t.equal(sender.stamp(packets, 0n, 2)[1], 2, 'the channel');
  t.equal(packets.data[1], 0, 'what is shared stays as it is');
});

t.test('clocks', async (t) => {
  t.equal(ticksOf(1_000_000_000n), 90_000);
  t.equal(ticksOf((2n ** 32n * 100_000n) / 9n + 11_112n), 1, 'modulo 2^32');
  t.equal(ntpOf(0n) >> 32n, 2_208_988_800n);
  t.equal(ntpOf(1_500_000_000n) & 0xffff_ffffn, 2n ** 31n);
});

t.test('a sender report says what moment of two clocks is one', async (t) => {
  const sender = new RtpSender(random);
  const packets = packetizeH264({ nals: [nal(5, 3000)] });
  sender.stamp(packets, 0n, 0);
  const report = sender.report(5_000_000_000n, 1_700_000_000_000_000_000n, 'camstream@here');
  t.same([report.readUInt16BE(0), report.readUInt16BE(2), report.readUInt32BE(4)], [0x80c8, 6, 0x01020304]);
  t.equal(report.readUInt32BE(8), 1_700_000_005 + 2_208_988_800);
  t.equal(report.readUInt32BE(16), (450_000 + 0x05060708) >>> 0);
  t.same([report.readUInt32BE(20), report.readUInt32BE(24)], [3, packets.payloadBytes]);
  t.equal(report.length % 4, 0);
  t.match(report.toString('latin1'), 'camstream@here');
  t.equal(readReceiverPacket(report)?.bye, false);
  t.equal(readReceiverPacket(sender.goodbye(0n, 0n, 'x'))?.bye, true);
});

t.test("receivers' reports are read, and what is none is not", async (t) => {
  const report = Buffer.alloc(32);
  report.set([0x81, 201, 0, 7]);
  report.writeUInt32BE(0xabcd, 4);
  report.writeUInt32BE(0x01020304, 8);
  report[12] = 64;
  report.writeIntBE(-2, 13, 3);
  report.writeUInt32BE(90, 20);
  t.match(readReceiverPacket(report), {
    ssrc: 0xabcd,
    bye: false,
    reports: [{ ssrc: 0x01020304, fractionLost: 0.25, lost: -2, jitter: 90 }],
  });
  t.equal(readReceiverPacket(report.subarray(0, 30)), undefined);
  t.equal(readReceiverPacket(Buffer.from('garbage that is long enough')), undefined);
  t.equal(readReceiverPacket(Buffer.alloc(0)), undefined);
});

t.test('a JPEG is taken apart, and can be put together again', async (t) => {
  for (const [chromaSubsampling, type] of [['4:2:0', 1]] as const) {
    const jpeg = await picture(320, 240).jpeg({ chromaSubsampling, optimiseCoding: false }).toBuffer();
    const layout = laidOut(jpeg);
    t.match(layout, { type, blocksWide: 40, blocksHigh: 30, restartInterval: 0 });
    const packets = packetizeJpeg(layout);
    const got = received(packets, packets.data);
    t.equal(got.at(-1)?.marker, true);
    t.equal(got[0]?.payloadType, 26);
    t.same(got[0]?.payload.subarray(0, 12), Buffer.of(0, 0, 0, 0, type, 255, 40, 30, 0, 0, 0, 128));
    t.same(got[0]?.payload.subarray(12, 140), Buffer.concat([...layout.quantization]));
    let at = 0;
    for (const [index, { payload }] of got.entries()) {
      t.equal(payload.readUIntBE(1, 3), at, 'its place in the scan');
      const data = payload.subarray(index === 0 ? 140 : 8);
      t.ok(data.equals(layout.scan.subarray(at, at + data.length)));
      at += data.length;
    }
    t.equal(at, layout.scan.length);
  }
});

t.test('restart markers have their header in each packet', async (t) => {
  const layout = laidOut(await picture(320, 240).jpeg({ optimiseCoding: false }).toBuffer());
  const packets = packetizeJpeg({ ...layout, restartInterval: 20 });
  for (const { payload } of received(packets, packets.data)) {
    t.same([payload[4], payload.readUInt32BE(8)], [65, 0x0014ffff]);
  }
});

t.test('pictures that RFC 2435 has no way for are refused with the reason', async (t) => {
  const refused = async (jpeg: Promise<Buffer>) => jpegLayout(await jpeg);
  const plain = { optimiseCoding: false };
  t.match(
    await refused(
      picture(320, 240)
        .jpeg({ ...plain, chromaSubsampling: '4:4:4' })
        .toBuffer(),
    ),
    /neither 4:2:0/,
  );
  t.match(
    await refused(picture(321, 240).jpeg(plain).toBuffer()),
    /321x240 pixels: both have to be multiples/,
  );
  t.match(await refused(picture(2048, 16).jpeg(plain).toBuffer()), /2048x16 pixels/);
  t.match(await refused(picture(320, 240).jpeg({ progressive: true }).toBuffer()), /not baseline|Huffman/);
  t.match(await refused(picture(320, 240).jpeg({ optimiseCoding: true }).toBuffer()), /Huffman tables/);
  t.match(await refused(picture(64, 64).toColourspace('b-w').jpeg(plain).toBuffer()), /components/);
  t.match(jpegLayout(Buffer.from('no JPEG')), /no JPEG/);
  const jpeg = await picture(64, 64).jpeg(plain).toBuffer();
  for (const length of [2, 3, 20, 160, 300])
    t.match(jpegLayout(jpeg.subarray(0, length)), /it |its /, `${length} bytes`);
});

function laidOut(jpeg: Buffer): JpegLayout {
  const layout = jpegLayout(jpeg);
  if (typeof layout === 'string') throw new Error(layout);
  return layout;
}

function picture(width: number, height: number) {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
  return sharp({ create: { width, height, channels: 3, background: '#8090a0', noise } });
}
