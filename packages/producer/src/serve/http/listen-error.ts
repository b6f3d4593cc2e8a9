import { isIPv6 } from 'node:net';
import { CamstreamError, hasErrorCode } from '@camstream/core';

/** Why a port cannot be listened on, with what to do. */
export function listenError(
  error: unknown,
  host: string,
  port: number,
  protocol: 'tcp' | 'udp' = 'tcp',
): unknown {
  const place = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const settings =
    protocol === 'udp'
      ? 'server.rtpPort, server.rtcpPort'
      : 'server.httpPort (--http-port), server.rtspPort (--rtsp-port), streams.NAME.port';
  if (hasErrorCode(error, 'EADDRINUSE')) {
    return new CamstreamError(
      'PORT_IN_USE',
      `${protocol === 'udp' ? 'UDP port' : 'port'} ${port} is in use by another program (${place}). ` +
        `Stop it (\`ss -l${protocol[0]}np 'sport = :${port}'\` names it), ` +
        `or set another in the configuration: ${settings}.`,
      { cause: error },
    );
  }
  if (hasErrorCode(error, 'EACCES')) {
    return new CamstreamError(
      'PORT_PERMISSION',
      `this user may not listen on ${place}: ports below 1024 need root or CAP_NET_BIND_SERVICE. ` +
        'Choose a port from 1024 on.',
      { cause: error },
    );
  }
  if (isMissingAddress(error) || hasErrorCode(error, 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL')) {
    return new CamstreamError(
      'ADDRESS_UNAVAILABLE',
      `cannot listen on ${place}: "${host}" is no address of this machine. ` +
        '`ip address` lists those it has; 0.0.0.0 and :: are all of them.',
      { cause: error },
    );
  }
  return error;
}

/** The machine has no such address, or not this kind. */
export function isMissingAddress(error: unknown): boolean {
  return hasErrorCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT');
}
