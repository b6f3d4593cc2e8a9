import { isIPv4, isIPv6 } from 'node:net';

/** One address to listen on. An optional one may be missing from the machine, as IPv6 often is. */
export interface ListenAddress {
  readonly host: string;
  readonly optional: boolean;
}

/** `localhost` is both loopback addresses; anything else is what it says. */
export function listenAddresses(host: string): readonly ListenAddress[] {
  if (host !== 'localhost') return [{ host, optional: false }];
  return [
    { host: '127.0.0.1', optional: false },
    { host: '::1', optional: true },
  ];
}

/** Whether a service on `host` can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** `host` as people open it: loopback for `localhost` and the wildcards, IPv6 in brackets. */
export function urlHost(host: string): string {
  if (host === 'localhost' || host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}
