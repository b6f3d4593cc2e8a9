import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '@camstream/core';
import type { ListenAddress } from '../../config/addresses.js';
import { isMissingAddress, listenError } from '../http/listen-error.js';
import type { UdpPair } from './udp-outlet.js';
import { closeUdpPair, openUdpPair, type RtcpListener } from './udp-ports.js';

/** Ports wanted, the same on every address; 0 is any free one. */
export interface WantedPorts {
  readonly rtsp: number;
  readonly rtp: number;
  readonly rtcp: number;
}

/** What listens on one address. */
export interface ListeningAddress {
  readonly host: string;
  readonly server: Server;
  readonly udp: UdpPair;
}

/** Opens the ports on every address. Throws PORT_IN_USE, PORT_PERMISSION or ADDRESS_UNAVAILABLE. */
export async function openRtspPorts(
  addresses: readonly ListenAddress[],
  wanted: WantedPorts,
  log: Log,
  onRtcp: RtcpListener,
  onConnection: (socket: Socket, udp: UdpPair) => void,
): Promise<ListeningAddress[]> {
  const open: ListeningAddress[] = [];
  let ports = wanted;
  try {
    for (const { host, optional } of addresses) {
      try {
        const listening = await openAddress(host, ports, onRtcp, onConnection);
        open.push(listening);
        ports = portsOf(listening);
      } catch (error) {
        if (!optional || !isMissingAddress((error as Error).cause)) throw error;
        log.debug({ host }, 'this machine has no such address; not listening on it');
      }
    }
  } catch (error) {
    await Promise.all(open.map(closeAddress));
    throw error;
  }
  return open;
}

/** Stops listening; connections that are open stay so. */
export async function closeAddress({ server, udp }: ListeningAddress): Promise<void> {
  await Promise.all([closeUdpPair(udp), new Promise((done) => server.close(done))]);
}

/** Those that it really has. */
export function portsOf({ server, udp }: ListeningAddress): WantedPorts {
  return {
    rtsp: (server.address() as AddressInfo).port,
    rtp: udp.rtp.address().port,
    rtcp: udp.rtcp.address().port,
  };
}

async function openAddress(
  name: string,
  ports: WantedPorts,
  onRtcp: RtcpListener,
  onConnection: (socket: Socket, udp: UdpPair) => void,
): Promise<ListeningAddress> {
  const host = await addressOf(name, ports.rtsp);
  const udp = await openUdpPair(host, ports, onRtcp);
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 }, (socket) =>
    onConnection(socket, udp),
  );
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: ports.rtsp, exclusive: true, ipv6Only: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    await closeUdpPair(udp);
    throw listenError(error, host, ports.rtsp);
  }
  return { host, server, udp };
}

/** The address that a host name stands for; datagrams know no names. */
async function addressOf(name: string, port: number): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch (error) {
    throw listenError(error, name, port);
  }
}
