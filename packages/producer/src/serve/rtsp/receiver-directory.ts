import { readReceiverPacket } from '../../protocol/rtp/rtcp-read.js';

/** A viewer by UDP as its reports are recognized. */
export interface Receiver {
  readonly address: string;
  readonly rtcpPort: number;
  /** Of the sender that it reports on. */
  readonly ssrc: number;
  /** It is there. */
  heard(): void;
}

/**
 * All viewers by UDP share one port for RTCP: whose report a packet is shows by where it comes from, or,
 * where an address translator has changed the port, by the sender it is about.
 */
export class ReceiverDirectory {
  private readonly byPlace = new Map<string, Receiver>();
  private readonly bySender = new Map<number, Receiver>();

  /** The function returned takes it out again. */
  add(receiver: Receiver): () => void {
    const place = placeOf(receiver.address, receiver.rtcpPort);
    this.byPlace.set(place, receiver);
    this.bySender.set(receiver.ssrc, receiver);
    return () => {
      if (this.byPlace.get(place) === receiver) this.byPlace.delete(place);
      this.bySender.delete(receiver.ssrc);
    };
  }

  /** A packet that came to the port; what is no report of a viewer is passed over. */
  take(packet: Buffer, from: { readonly address: string; readonly port: number }): void {
    const read = readReceiverPacket(packet);
    // Whoever says good-bye is not kept alive by that.
    if (read === undefined || read.bye) return;
    const known = this.byPlace.get(placeOf(from.address, from.port));
    if (known !== undefined) {
      known.heard();
      return;
    }
    for (const { ssrc } of read.reports) {
      const receiver = this.bySender.get(ssrc);
      if (receiver?.address === from.address) receiver.heard();
    }
  }
}

function placeOf(address: string, port: number): string {
  return `${address} ${port}`;
}
