import { hostname } from 'node:os';
import type { RtpPackets } from '../../protocol/rtp/rtp-packets.js';
import { RtpSender } from '../../protocol/rtp/rtp-sender.js';
import { Delivery } from '../../stream/delivery.js';
import type { WallClock } from '../../unit/timestamp.js';
import type { DelimiterAhead } from './delimiter-ahead.js';
import type { PacketQueue, PacketSink, RtpSource } from './from-stream.js';
import type { RtpOutlet } from './rtp-outlet.js';

/** Between a sender's reports (RFC 3550 6.2 wants at least this). */
const reportEveryMs = 5000;
/** A wall clock that was set by so much is told at once. */
const jumpNs = 2_000_000n;

const cname = `camstream@${hostname()}`;

/** What RTP-Info says of the first packet to come (RFC 2326 12.33). */
export interface FirstPacket {
  readonly sequence: number;
  /** Undefined: its picture has yet to be made. */
  readonly timestamp: number | undefined;
}

/** A stream on its way to one outlet: queue, numbers, reports. Can be stopped and started again. */
export class RtpViewing implements PacketSink {
  readonly delivery: Delivery;
  private readonly sender = new RtpSender();
  private readonly queue: PacketQueue;
  private stopQueue: (() => void) | undefined;
  private reportAtMs = 0;
  private reportedOffsetNs = 0n;
  private movedMs = performance.now();

  constructor(
    private readonly source: RtpSource,
    private readonly outlet: RtpOutlet,
    address: string,
    private readonly clock: WallClock,
    private readonly ended: () => void,
    /** For a client that needs it. */
    private readonly ahead?: DelimiterAhead,
  ) {
    this.delivery = new Delivery(outlet.protocol, address);
    this.queue = source.queue(this, this.delivery);
    outlet.onDrained = () => {
      this.movedMs = performance.now();
      this.queue.drained();
    };
  }

  /** Of the sender. */
  get ssrc(): number {
    return this.sender.ssrc;
  }

  /** When the outlet last took something; it has nothing to take either while it is not blocked. */
  get lastMovedMs(): number {
    return this.queue.isBlocked ? this.movedMs : performance.now();
  }

  /** To be asked right before start(). */
  first(): FirstPacket {
    const atNs = this.source.firstAtNs();
    return {
      sequence: this.sender.nextSequence,
      timestamp: atNs === undefined ? undefined : this.sender.timestamp(atNs),
    };
  }

  start(): void {
    if (this.stopQueue !== undefined) return;
    this.report(); // Before the first packet, so that its time is known when it comes.
    this.stopQueue = this.queue.start();
  }

  stop(): void {
    this.stopQueue?.();
    this.stopQueue = undefined;
  }

  /** Reports if it is time to, or if the wall clock was set. */
  tick(nowMs: number): void {
    const offsetNs = this.clock.offsetNs();
    const moved = offsetNs - this.reportedOffsetNs;
    const jumped = moved > jumpNs || moved < -jumpNs;
    if (this.queue.isBlocked || (nowMs < this.reportAtMs && !jumped)) return;
    this.report();
  }

  /** Tells the other end that nothing follows. */
  goodbye(): void {
    this.stop();
    const offsetNs = this.clock.offsetNs();
    this.outlet.sendReport(this.sender.goodbye(process.hrtime.bigint(), offsetNs, cname));
  }

  end(): void {
    this.stopQueue = undefined;
    this.ended();
  }

  send(packets: RtpPackets, atNs: bigint): boolean {
    // A viewer who is always behind is blocked whenever somebody else looks.
    if (performance.now() >= this.reportAtMs) this.report();
    const { channel } = this.outlet;
    const data = this.sender.stamp(packets, atNs, channel);
    const dueNs = this.ahead?.dueAfter(atNs);
    if (this.ahead === undefined || dueNs === undefined) return this.outlet.send(data, packets.starts);
    const delimiter = this.sender.stamp(this.ahead.delimiter, dueNs, channel);
    const starts = Uint32Array.of(...packets.starts, data.length + delimiter.length);
    return this.outlet.send(Buffer.concat([data, delimiter]), starts);
  }

  private report(): void {
    const offsetNs = this.clock.offsetNs();
    this.outlet.sendReport(this.sender.report(process.hrtime.bigint(), offsetNs, cname));
    this.reportAtMs = performance.now() + reportEveryMs;
    this.reportedOffsetNs = offsetNs;
  }
}
