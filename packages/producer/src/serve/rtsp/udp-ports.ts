import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { listenError } from '../http/listen-error.js';
import type { UdpPair } from './udp-outlet.js';

/** Wanted from the kernel, which grants what `net.core.wmem_max` allows. */
const sendBufferBytes = 4 * 2 ** 20;

/** Told of each packet that comes to a port for RTCP. */
export type RtcpListener = (
  packet: Buffer,
  from: { readonly address: string; readonly port: number },
) => void;

/** Opens the ports of one address, RTP and RTCP. Port 0 is any free one. Throws as listenError says. */
export async function openUdpPair(
  host: string,
  ports: { readonly rtp: number; readonly rtcp: number },
  onRtcp: RtcpListener,
): Promise<UdpPair> {
  const rtp = await bind(host, ports.rtp);
  try {
    const rtcp = await bind(host, ports.rtcp);
    // What comes to RTP's port only opens ways through address translators.
    rtp.on('message', () => {});
    rtcp.on('message', onRtcp);
    return { rtp, rtcp };
  } catch (error) {
    rtp.close();
    throw error;
  }
}

/** Closes both. */
export async function closeUdpPair(pair: UdpPair): Promise<void> {
  await Promise.all([pair.rtp, pair.rtcp].map((socket) => new Promise<void>((done) => socket.close(done))));
}

function bind(host: string, port: number): Promise<Socket> {
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    sendBufferSize: sendBufferBytes,
    // Only ever addresses, never names: without this each packet would wait for the next tick.
    lookup: (address, _options, found) => found(null, address, family),
  });
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      socket.close();
      reject(listenError(error, host, port, 'udp'));
    };
    socket.once('error', refuse);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', refuse);
      socket.on('error', () => {}); // Of a packet that could not be received; those sent tell by themselves.
      resolve(socket);
    });
  });
}
