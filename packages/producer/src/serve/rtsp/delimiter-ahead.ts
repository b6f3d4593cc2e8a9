import { tickNs } from '../../protocol/rtp/rtp-clock.js';
import type { RtpPackets } from '../../protocol/rtp/rtp-packets.js';

/**
 * Clients that are made of libavformat pass what comes through a parser that knows the end of an H.264
 * picture only by the beginning of the next one, so that they show each a whole interval late. It begins
 * with an access unit delimiter (H.264 7.4.1.2.3): these clients get that ahead, right behind the picture
 * before, with the time at which the next one is due. That is the time which they give it.
 */
export function waitsForNextPicture(userAgent: string | undefined): boolean {
  return userAgent?.startsWith('Lavf') ?? false;
}

/** The delimiters that one viewer gets ahead. */
export class DelimiterAhead {
  private lastNs: bigint | undefined;
  private intervalNs: bigint | undefined;
  private toldNs = 0n;

  constructor(readonly delimiter: RtpPackets) {}

  /**
   * A picture of that time goes; when the next one is due, by the interval between those before. Undefined:
   * that cannot be told, or would not be later than what was told before.
   */
  dueAfter(atNs: bigint): bigint | undefined {
    const intervalNs = this.lastNs === undefined ? undefined : atNs - this.lastNs;
    const beforeNs = this.intervalNs;
    this.lastNs = atNs;
    this.intervalNs = intervalNs;
    if (intervalNs === undefined || beforeNs === undefined) return undefined;
    // After a gap the shorter one is that of the stream.
    const isLonger = intervalNs > beforeNs;
    const dueNs = atNs + (isLonger ? beforeNs : intervalNs);
    if (dueNs < this.toldNs + tickNs || dueNs < atNs + tickNs) return undefined;
    this.toldNs = dueNs;
    return dueNs;
  }
}
