import { randomBytes } from 'node:crypto';
import { type SenderReport, senderReport } from './rtcp-write.js';
import { ntpOf, ticksOf } from './rtp-clock.js';
import { interleaveBytes, type RtpPackets } from './rtp-packets.js';

/**
 * One sender's numbers: its source identifier, its sequence without gaps, its timestamps with an offset of
 * its own, and what it has sent (RFC 3550 5.1, 6.4.1). What a viewer loses for being slow was never sent, so
 * that a gap in the numbers is always the network's.
 */
export class RtpSender {
  readonly ssrc: number;
  private readonly offset: number;
  private sequence: number;
  private packets = 0;
  private octets = 0;

  /** `random`: ten bytes. */
  constructor(random: Buffer = randomBytes(10)) {
    this.ssrc = random.readUInt32BE(0);
    this.offset = random.readUInt32BE(4);
    this.sequence = random.readUInt16BE(8);
  }

  /** Of the next packet. */
  get nextSequence(): number {
    return this.sequence;
  }

  /** What this sender calls a moment of CLOCK_MONOTONIC. */
  timestamp(timeNs: bigint): number {
    return (ticksOf(timeNs) + this.offset) >>> 0;
  }

  /** A copy of the packets with this sender's numbers, as they go onto `channel` or, each alone, by UDP. */
  stamp(packets: RtpPackets, timeNs: bigint, channel: number): Buffer {
    const data = Buffer.from(packets.data);
    const timestamp = this.timestamp(timeNs);
    const count = packets.starts.length - 1;
    for (let index = 0; index < count; ++index) {
      const at = packets.starts[index] ?? 0;
      data[at + 1] = channel;
      data.writeUInt16BE(this.sequence, at + interleaveBytes + 2);
      data.writeUInt32BE(timestamp, at + interleaveBytes + 4);
      data.writeUInt32BE(this.ssrc, at + interleaveBytes + 8);
      this.sequence = (this.sequence + 1) & 0xffff;
    }
    this.packets += count;
    this.octets += packets.payloadBytes;
    return data;
  }

  /** What a sender report says: that this moment of CLOCK_MONOTONIC and of the wall clock are one. */
  report(nowNs: bigint, wallClockOffsetNs: bigint, cname: string): Buffer {
    return senderReport(this.account(nowNs, wallClockOffsetNs), cname);
  }

  /** A last report that ends with a good-bye. */
  goodbye(nowNs: bigint, wallClockOffsetNs: bigint, cname: string): Buffer {
    return senderReport(this.account(nowNs, wallClockOffsetNs), cname, { bye: true });
  }

  private account(nowNs: bigint, wallClockOffsetNs: bigint): SenderReport {
    return {
      ssrc: this.ssrc,
      ntp: ntpOf(nowNs + wallClockOffsetNs),
      timestamp: this.timestamp(nowNs),
      packets: this.packets >>> 0,
      octets: this.octets % 2 ** 32,
    };
  }
}
