import type { Socket } from 'node:net';
import type { RtpOutlet } from './rtp-outlet.js';

/** Packets interleaved with the answers of a connection (RFC 2326 10.12). */
export class TcpOutlet implements RtpOutlet {
  readonly protocol = 'rtsp-tcp';
  onDrained: () => void = () => {};
  private isOpen = true;
  private readonly drained = () => this.onDrained();

  constructor(
    private readonly socket: Socket,
    readonly channel: number,
    private readonly rtcpChannel: number,
  ) {
    socket.on('drain', this.drained);
  }

  send(data: Buffer): boolean {
    return this.isOpen && this.socket.writable ? this.socket.write(data) : true;
  }

  sendReport(packet: Buffer): void {
    if (!this.isOpen || !this.socket.writable || this.socket.writableNeedDrain) return;
    const head = Buffer.of(0x24, this.rtcpChannel, packet.length >> 8, packet.length & 0xff);
    this.socket.write(Buffer.concat([head, packet]));
  }

  close(): void {
    this.isOpen = false;
    this.socket.off('drain', this.drained);
  }
}
