import type { Socket } from 'node:net';
import { urlHost } from '../../config/addresses.js';
import type { Seldom } from '../../log/seldom.js';
import type { TransportWish } from '../../protocol/rtsp/transport.js';
import { DelimiterAhead, waitsForNextPicture } from './delimiter-ahead.js';
import type { RtpSource } from './from-stream.js';
import type { Pacer } from './pacer.js';
import type { ReceiverDirectory } from './receiver-directory.js';
import type { RtpOutlet } from './rtp-outlet.js';
import { RtpViewing } from './rtp-viewing.js';
import type { RtspPlace, RtspSite } from './rtsp-site.js';
import type { RtspSession, SessionMedia } from './session.js';
import { groupMedia, ownMedia } from './session-media.js';
import { TcpOutlet } from './tcp-outlet.js';
import { UdpOutlet, type UdpPair } from './udp-outlet.js';

/** What a connection's viewers are sent by. */
export interface MediaWays {
  readonly udp: UdpPair;
  readonly pacer: Pacer;
  readonly receivers: ReceiverDirectory;
  readonly refusedPackets: Seldom;
}

/** Opens what SETUP asks for over one connection. */
export class ConnectionMedia {
  private readonly channels = new Set<number>();

  constructor(
    private readonly socket: Socket,
    private readonly peer: { readonly address: string; readonly port: number },
    private readonly ways: MediaWays,
    private readonly site: RtspSite,
  ) {}

  /** The channel is one of an open session's. */
  isOpen(channel: number): boolean {
    return this.channels.has(channel);
  }

  /** Undefined: not to be had. `session`: whose media it is, once that exists. */
  open(
    wish: TransportWish,
    place: RtspPlace,
    session: () => RtspSession | undefined,
    userAgent: string | undefined,
  ): SessionMedia | undefined {
    const ended = () => session()?.close('the stream has ended');
    switch (wish.kind) {
      case 'tcp':
        return this.interleaved(wish.channels, place, ended, userAgent);
      case 'udp':
        return this.datagrams(wish, place, ended, () => session()?.touch(), userAgent);
      case 'multicast':
        return multicast(place, ended);
    }
  }

  private interleaved(
    wanted: readonly [number, number] | undefined,
    { source }: RtspPlace,
    ended: () => void,
    userAgent: string | undefined,
  ): SessionMedia | undefined {
    const pair = wanted ?? this.freeChannels();
    if (pair === undefined || pair.some((channel) => this.channels.has(channel))) return undefined;
    for (const channel of pair) this.channels.add(channel);
    const [rtp, rtcp] = pair;
    const outlet = new TcpOutlet(this.socket, rtp, rtcp);
    const viewing = this.viewing(source, outlet, ended, userAgent);
    const transport = `RTP/AVP/TCP;unicast;interleaved=${rtp}-${rtcp};ssrc=${hex(viewing.ssrc)};mode="PLAY"`;
    const media = ownMedia(transport, viewing, outlet, () => {
      for (const channel of pair) this.channels.delete(channel);
    });
    return media;
  }

  private datagrams(
    { rtpPort, rtcpPort }: { readonly rtpPort: number; readonly rtcpPort: number },
    { source }: RtspPlace,
    ended: () => void,
    heard: () => void,
    userAgent: string | undefined,
  ): SessionMedia {
    const { udp, pacer, receivers, refusedPackets } = this.ways;
    const { address } = this.peer;
    const outlet = new UdpOutlet('rtsp-udp', udp, { address, rtpPort, rtcpPort }, pacer, (error) =>
      refusedPackets.line({ to: address, err: error.message }, 'a packet could not be sent'),
    );
    const viewing = this.viewing(source, outlet, ended, userAgent);
    const forget = receivers.add({ address, rtcpPort, ssrc: viewing.ssrc, heard });
    const transport =
      `RTP/AVP;unicast;client_port=${rtpPort}-${rtcpPort};` +
      `server_port=${udp.rtp.address().port}-${udp.rtcp.address().port};` +
      `ssrc=${hex(viewing.ssrc)};mode="PLAY"`;
    return ownMedia(transport, viewing, outlet, forget);
  }

  private viewing(
    source: RtpSource,
    outlet: RtpOutlet,
    ended: () => void,
    userAgent: string | undefined,
  ): RtpViewing {
    const { delimiter } = source;
    const ahead = delimiter && waitsForNextPicture(userAgent) ? new DelimiterAhead(delimiter) : undefined;
    return new RtpViewing(source, outlet, this.viewerText(), this.site.clock, ended, ahead);
  }

  private freeChannels(): readonly [number, number] | undefined {
    for (let channel = 0; channel < 256; channel += 2) {
      if (!this.channels.has(channel) && !this.channels.has(channel + 1)) return [channel, channel + 1];
    }
    return undefined;
  }

  private viewerText(): string {
    return `${urlHost(this.peer.address)}:${this.peer.port}`;
  }
}

function multicast({ group }: RtspPlace, ended: () => void): SessionMedia | undefined {
  if (group === undefined) return undefined;
  const { address, rtpPort, rtcpPort, ttl } = group.place;
  const ports = `${rtpPort}-${rtcpPort}`;
  const transport = `RTP/AVP;multicast;destination=${address};port=${ports};ttl=${ttl};mode="PLAY"`;
  return groupMedia(transport, group, ended);
}

function hex(ssrc: number): string {
  return ssrc.toString(16).toUpperCase().padStart(8, '0');
}
