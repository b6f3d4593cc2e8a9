import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import type { ListenAddress } from '../../config/addresses.js';
import type { UdpPair } from './udp-outlet.js';
import { closeUdpPair } from './udp-ports.js';

/** The group of the stream of that index, from 0. */
export function groupAddress(base: string, index: number): string {
  const first = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const group = first + index + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(group / 2 ** shift) % 256).join('.');
}

/**
 * Sockets to send to groups by. Where the service listens on an IPv4 address, packets leave by its interface;
 * else by the one that the route to the group names.
 */
export async function openMulticastSender(
  addresses: readonly ListenAddress[],
  ttl: number,
): Promise<UdpPair> {
  const host = addresses.map((address) => address.host).find((one) => isIPv4(one) && one !== '0.0.0.0');
  const rtp = await open(host, ttl);
  try {
    return { rtp, rtcp: await open(host, ttl) };
  } catch (error) {
    rtp.close();
    throw error;
  }
}

/** Closes both sockets. */
export const closeMulticastSender = closeUdpPair;

function open(host: string | undefined, ttl: number): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    sendBufferSize: 4 * 2 ** 20,
    lookup: (address, _options, found) => found(null, address, 4),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(host === undefined ? { port: 0 } : { address: host, port: 0 }, () => {
      socket.off('error', reject);
      socket.on('error', () => {}); // Those who send are told by themselves.
      if (host !== undefined) socket.setMulticastInterface(host);
      socket.setMulticastTTL(ttl);
      socket.setMulticastLoopback(true); // Receivers may run on this machine.
      resolve(socket);
    });
  });
}
