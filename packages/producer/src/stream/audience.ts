import type { Delivery, DeliveryReport, ViewerProtocol } from './delivery.js';

/** What all viewers of one protocol were given, those who have left included. Never goes back. */
export interface ProtocolTotals {
  viewers: number;
  sent: number;
  dropped: number;
  bytes: number;
}

/** Who watches a stream, and what was delivered to whom. */
export class Audience {
  private readonly present = new Set<Delivery>();
  private readonly left = new Map<ViewerProtocol, ProtocolTotals>();

  enter(delivery: Delivery): void {
    this.present.add(delivery);
  }

  leave(delivery: Delivery): void {
    if (!this.present.delete(delivery)) return;
    const totals = totalsOf(this.left, delivery.protocol);
    add(totals, delivery.report());
  }

  /** Every viewer who is there, in the order of their coming. */
  reports(): DeliveryReport[] {
    return [...this.present].map((delivery) => delivery.report());
  }

  /** By protocol; `viewers` are those who are there. */
  totals(): Map<ViewerProtocol, ProtocolTotals> {
    const sums = new Map([...this.left].map(([protocol, totals]) => [protocol, { ...totals }]));
    for (const report of this.reports()) {
      const totals = totalsOf(sums, report.protocol);
      ++totals.viewers;
      add(totals, report);
    }
    return sums;
  }
}

function totalsOf(sums: Map<ViewerProtocol, ProtocolTotals>, protocol: ViewerProtocol): ProtocolTotals {
  const known = sums.get(protocol);
  if (known !== undefined) return known;
  const fresh = { viewers: 0, sent: 0, dropped: 0, bytes: 0 };
  sums.set(protocol, fresh);
  return fresh;
}

function add(totals: ProtocolTotals, { sent, dropped, bytes }: DeliveryReport): void {
  totals.sent += sent;
  totals.dropped += dropped;
  totals.bytes += bytes;
}
