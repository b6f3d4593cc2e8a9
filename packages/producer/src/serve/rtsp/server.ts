import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Log } from '@camstream/core';
import type { ListenAddress } from '../../config/addresses.js';
import type { RtspConfig } from '../../config/config.js';
import { Seldom } from '../../log/seldom.js';
import { refusal, responseBytes } from '../../protocol/rtsp/response.js';
import { WallClock } from '../../unit/timestamp.js';
import type { Authenticator } from '../auth/authenticator.js';
import { keepUnsentShort, type LimitUnsent } from '../unsent-limit.js';
import { RtspConnection } from './connection.js';
import type { RtpSource } from './from-stream.js';
import { MulticastGroup } from './multicast-group.js';
import { closeMulticastSender, groupAddress, openMulticastSender } from './multicast-sender.js';
import { Pacer } from './pacer.js';
import { ReceiverDirectory } from './receiver-directory.js';
import {
  closeAddress,
  type ListeningAddress,
  openRtspPorts,
  portsOf,
  type WantedPorts,
} from './rtsp-ports.js';
import type { RtspPlace, RtspSite } from './rtsp-site.js';
import { UdpOutlet, type UdpPair } from './udp-outlet.js';

/** Where and how streams are served by RTSP. */
export interface RtspServerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly rtsp: RtspConfig;
  /** On the port, and as many sessions. */
  readonly maxConnections: number;
  readonly limitUnsent: LimitUnsent;
  /** Undefined: everybody may watch. */
  readonly authenticator: Authenticator | undefined;
  /** A viewer by TCP that takes not one byte for this long is disconnected. */
  readonly stuckMs: number;
  readonly log: Log;
  /** As announced to viewers; 60 s if not given. They have a few seconds more. */
  readonly sessionTimeoutMs?: number;
  /** For a request that has begun; 10 s if not given. */
  readonly requestTimeoutMs?: number;
  /** For a connection without a session; 60 s if not given. */
  readonly idleTimeoutMs?: number;
  /** Before a wrong password is answered; 1 s if not given. */
  readonly refusalDelayMs?: number;
}

/** Between two looks at who has been silent for too long. */
const tickMs = 1000;

/** RTSP 1.0 on one port, with RTP by UDP, TCP and multicast. */
export class RtspServer {
  private readonly connections = new Map<Socket, RtspConnection>();
  private readonly receivers = new ReceiverDirectory();
  private readonly pacer = new Pacer();
  private readonly refusals: Seldom;
  private readonly drops: Seldom;
  private readonly refusedPackets: Seldom;
  private readonly timer: NodeJS.Timeout;
  private listening: readonly ListeningAddress[] = [];

  private constructor(
    private readonly options: RtspServerOptions,
    private readonly site: RtspSite,
    private readonly groupSockets: UdpPair | undefined,
  ) {
    this.refusals = new Seldom(options.log, 'warn');
    this.drops = new Seldom(options.log, 'warn');
    this.refusedPackets = new Seldom(options.log, 'warn');
    this.timer = setInterval(() => this.tick(), tickMs).unref();
  }

  /** Throws PORT_IN_USE, PORT_PERMISSION or ADDRESS_UNAVAILABLE. */
  static async listen(sources: readonly RtpSource[], options: RtspServerOptions): Promise<RtspServer> {
    const { rtsp, addresses, log, sessionTimeoutMs = 60_000, refusalDelayMs = 1000 } = options;
    const { multicast } = rtsp;
    const groupSockets = multicast && (await openMulticastSender(addresses, multicast.ttl));
    const places = new Map<string, RtspPlace>();
    const site: RtspSite = {
      places,
      sessions: new Map(),
      mostSessions: options.maxConnections,
      sessionTimeoutMs,
      authenticator: options.authenticator,
      refusalDelayMs,
      clock: new WallClock(),
      log,
      runId: String(randomBytes(6).readUIntBE(0, 6)),
    };
    const server = new RtspServer(options, site, groupSockets);
    for (const [index, source] of sources.entries()) {
      places.set(source.name, { source, group: server.groupOf(source, index) });
    }
    try {
      server.listening = await openRtspPorts(
        addresses,
        { rtsp: rtsp.port, rtp: rtsp.rtpPort, rtcp: rtsp.rtcpPort },
        log,
        (packet, from) => server.receivers.take(packet, from),
        (socket, udp) => server.accept(socket, udp),
      );
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Those it listens on. */
  get ports(): WantedPorts {
    const [first] = this.listening;
    if (first === undefined) throw new Error('it listens as soon as there is one');
    return portsOf(first);
  }

  /** Sessions there are, playing or not. */
  get sessionCount(): number {
    return this.site.sessions.size;
  }

  /** Connections there are. */
  get connectionCount(): number {
    return this.connections.size;
  }

  /** Ends all sessions with a good-bye, lets what was written arrive for `graceMs`, then cuts off. */
  async close(graceMs = 500): Promise<void> {
    clearInterval(this.timer);
    for (const session of [...this.site.sessions.values()]) session.close('the service stops');
    for (const connection of this.connections.values()) connection.close();
    const cut = setTimeout(() => {
      for (const socket of this.connections.keys()) socket.destroy();
    }, graceMs);
    await Promise.all(this.listening.map(closeAddress));
    clearTimeout(cut);
    if (this.groupSockets !== undefined) await closeMulticastSender(this.groupSockets);
  }

  private groupOf(source: RtpSource, index: number): MulticastGroup | undefined {
    const { multicast } = this.options.rtsp;
    const sockets = this.groupSockets;
    if (multicast === undefined || sockets === undefined) return undefined;
    const { base, port, ttl } = multicast;
    const place = { address: groupAddress(base, index), rtpPort: port, rtcpPort: port + 1, ttl };
    const outlet = () =>
      new UdpOutlet('rtsp-multicast', sockets, place, this.pacer, (error) =>
        this.refusedPackets.line({ to: place.address, err: error.message }, 'a packet could not be sent'),
      );
    return new MulticastGroup(place, source, outlet, this.site.clock);
  }

  private accept(socket: Socket, udp: UdpPair): void {
    const { maxConnections } = this.options;
    if (this.connections.size >= maxConnections && !this.makeRoom()) {
      this.drops.line({ from: socket.remoteAddress, maxConnections }, 'connection refused: too many at once');
      refuse(socket);
      return;
    }
    if (!keepUnsentShort(socket, this.options.limitUnsent)) {
      this.options.log.debug(
        { from: socket.remoteAddress },
        'what the kernel keeps for a viewer is not bounded',
      );
    }
    const { pacer, receivers, refusedPackets } = this;
    const ways = { udp, pacer, receivers, refusedPackets };
    const connection = new RtspConnection(socket, this.site, ways, this.refusals);
    this.connections.set(socket, connection);
    socket.on('close', () => {
      this.connections.delete(socket);
      connection.lost();
    });
  }

  /** The connection that has been silent for longest goes; false: all are at work. */
  private makeRoom(): boolean {
    let oldest: { socket: Socket; connection: RtspConnection; sinceMs: number } | undefined;
    for (const [socket, connection] of this.connections) {
      const { silentSinceMs: sinceMs } = connection;
      if (sinceMs !== undefined && sinceMs < (oldest?.sinceMs ?? Number.POSITIVE_INFINITY)) {
        oldest = { socket, connection, sinceMs };
      }
    }
    if (oldest === undefined) return false;
    this.drops.line({ from: oldest.socket.remoteAddress }, 'silent connection closed for a new one');
    this.connections.delete(oldest.socket);
    oldest.connection.makeWay();
    return true;
  }

  private tick(): void {
    const nowMs = performance.now();
    const { requestTimeoutMs = 10_000, idleTimeoutMs = 60_000, stuckMs } = this.options;
    for (const connection of this.connections.values()) {
      connection.tick(nowMs, { requestTimeoutMs, idleTimeoutMs });
    }
    // Half a minute's keep-alive that is a moment late is no reason to cut anybody off.
    const timeoutMs = this.site.sessionTimeoutMs * 1.1;
    for (const session of [...this.site.sessions.values()]) session.tick(nowMs, { timeoutMs, stuckMs });
    for (const { group } of this.site.places.values()) group?.tick(nowMs);
  }
}

/** Says so before it hangs up, and does not wait for whoever keeps sending. */
function refuse(socket: Socket): void {
  socket.on('error', () => {});
  const response = refusal(503, 'There are too many connections.', {
    'Retry-After': '10',
    Connection: 'close',
  });
  socket.end(responseBytes(response, undefined, Date.now()), () => socket.destroy());
}
