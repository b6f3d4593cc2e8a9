import type { Socket } from 'node:dgram';
import { interleaveBytes } from '../../protocol/rtp/rtp-packets.js';
import type { ViewerProtocol } from '../../stream/delivery.js';
import type { Paced, Pacer } from './pacer.js';
import type { RtpOutlet } from './rtp-outlet.js';

/** Packets at once. A receiver's usual buffer (208 KiB, each packet counts as 2.3) holds about 90. */
const burst = 64;
/** And then in each millisecond: 360 Mbit/s. */
const packetsPerMs = 32;
/** In our own socket's queue, behind the kernel's: nothing is added to so much. */
const mostQueuedBytes = 256 * 1024;

/** Where packets go to. */
export interface UdpDestination {
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

/** The sockets that packets come from. */
export interface UdpPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
}

/**
 * Packets by UDP. A key frame is no burst but spread over some milliseconds, since what a receiver's buffer
 * cannot take at once is lost.
 */
export class UdpOutlet implements RtpOutlet, Paced {
  readonly channel = 0;
  onDrained: () => void = () => {};
  private data: Buffer | undefined;
  private starts: Uint32Array = new Uint32Array();
  private next = 0;
  private tokens = burst;
  private filledMs = 0;
  private isOpen = true;

  constructor(
    readonly protocol: ViewerProtocol,
    private readonly sockets: UdpPair,
    private readonly to: UdpDestination,
    private readonly pacer: Pacer,
    private readonly failed: (error: Error) => void,
  ) {}

  send(data: Buffer, starts: Uint32Array): boolean {
    if (!this.isOpen) return true;
    this.data = data;
    this.starts = starts;
    this.next = 0;
    this.refill(performance.now());
    if (this.sendSome()) return true;
    this.pacer.add(this);
    return false;
  }

  go(nowMs: number): boolean {
    this.refill(nowMs);
    if (!this.sendSome()) return false;
    this.onDrained();
    // Being drained may have brought the next picture, which waits for the pacer again.
    return this.data === undefined;
  }

  sendReport(packet: Buffer): void {
    if (this.isOpen) this.sockets.rtcp.send(packet, this.to.rtcpPort, this.to.address, this.done);
  }

  close(): void {
    this.isOpen = false;
    this.data = undefined;
    this.pacer.remove(this);
  }

  private refill(nowMs: number): void {
    this.tokens = Math.min(burst, this.tokens + Math.floor((nowMs - this.filledMs) * packetsPerMs));
    this.filledMs = nowMs;
  }

  /** True: all has gone. */
  private sendSome(): boolean {
    const { data, starts, to } = this;
    if (data === undefined) return true;
    const count = starts.length - 1;
    while (this.next < count) {
      if (this.tokens <= 0 || this.sockets.rtp.getSendQueueSize() > mostQueuedBytes) return false;
      const from = (starts[this.next] ?? 0) + interleaveBytes;
      const end = starts[this.next + 1] ?? 0;
      this.sockets.rtp.send(data, from, end - from, to.rtpPort, to.address, this.done);
      ++this.next;
      --this.tokens;
    }
    this.data = undefined;
    return true;
  }

  private readonly done = (error: Error | null) => {
    if (error !== null && this.isOpen) this.failed(error);
  };
}
