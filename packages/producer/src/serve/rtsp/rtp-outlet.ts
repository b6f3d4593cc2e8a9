import type { ViewerProtocol } from '../../stream/delivery.js';

/** The way packets take to one viewer, or to one multicast group. */
export interface RtpOutlet {
  readonly protocol: ViewerProtocol;
  /** Interleaved channel of RTP; 0 where packets travel alone. */
  readonly channel: number;
  /** Called when more can be sent after send() has returned false. */
  onDrained: () => void;
  /**
   * Sends a picture's packets (RtpPackets' layout); takes `data` over. False: not all of it has gone yet;
   * nothing more is to be sent before onDrained.
   */
  send(data: Buffer, starts: Uint32Array): boolean;
  /** Sends an RTCP packet; left out if the way is blocked. */
  sendReport(packet: Buffer): void;
  /** Nothing is sent any more. */
  close(): void;
}
