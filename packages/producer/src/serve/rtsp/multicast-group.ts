import type { WallClock } from '../../unit/timestamp.js';
import type { RtpSource } from './from-stream.js';
import type { RtpOutlet } from './rtp-outlet.js';
import { type FirstPacket, RtpViewing } from './rtp-viewing.js';
import type { UdpDestination } from './udp-outlet.js';

/** Where a stream is sent to once for all who listen. */
export interface MulticastPlace extends UdpDestination {
  readonly ttl: number;
}

/** One stream's group: sent to while anybody has asked for it, once however many have. */
export class MulticastGroup {
  private viewing: RtpViewing | undefined;
  private readonly members = new Set<() => void>();

  constructor(
    readonly place: MulticastPlace,
    private readonly source: RtpSource,
    private readonly outlet: () => RtpOutlet,
    private readonly clock: WallClock,
  ) {}

  /** What a member who joins now gets first; it sees no picture before the next key frame. */
  first(): FirstPacket {
    return { sequence: this.current().first().sequence, timestamp: undefined };
  }

  /** `ended` is called when the stream ends. The function returned leaves. */
  join(ended: () => void): () => void {
    const viewing = this.current();
    const member = () => ended();
    this.members.add(member);
    viewing.start();
    return () => {
      if (this.members.delete(member) && this.members.size === 0) viewing.stop();
    };
  }

  tick(nowMs: number): void {
    if (this.members.size > 0) this.viewing?.tick(nowMs);
  }

  private current(): RtpViewing {
    const { address, rtpPort } = this.place;
    this.viewing ??= new RtpViewing(this.source, this.outlet(), `${address}:${rtpPort}`, this.clock, () => {
      this.viewing?.goodbye();
      for (const member of [...this.members]) member();
    });
    return this.viewing;
  }
}
