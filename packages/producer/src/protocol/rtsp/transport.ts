/** How a viewer wants its packets to come (RFC 2326 12.39), as far as it can be served. */
export type TransportWish =
  | { readonly kind: 'udp'; readonly rtpPort: number; readonly rtcpPort: number }
  /** Undefined channels are ours to choose. */
  | { readonly kind: 'tcp'; readonly channels: readonly [rtp: number, rtcp: number] | undefined }
  | { readonly kind: 'multicast' };

/**
 * What of a Transport header can be served, in the viewer's order of preference. `peer`: the viewer's own
 * address, the only one that packets are sent to.
 */
export function transportWishes(header: string, peer: string): TransportWish[] {
  return header
    .split(',')
    .slice(0, 16)
    .flatMap((spec) => wishOf(spec.trim(), peer));
}

function wishOf(spec: string, peer: string): TransportWish[] {
  const [protocol = '', ...rest] = spec.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((part) => {
      const [key = '', ...value] = part.split('=');
      return [key.trim().toLowerCase(), value.join('=').trim()] as const;
    }),
  );
  const mode = parameters.get('mode')?.replaceAll('"', '').toUpperCase();
  if (mode !== undefined && mode !== 'PLAY') return [];
  switch (protocol.toUpperCase()) {
    case 'RTP/AVP/TCP':
      return tcpWish(parameters.get('interleaved'));
    case 'RTP/AVP':
    case 'RTP/AVP/UDP':
      if (!parameters.has('unicast')) return [{ kind: 'multicast' }]; // RFC 2326 12.39: the default.
      if ((parameters.get('destination') || peer) !== peer) return [];
      return udpWish(parameters.get('client_port'));
    default:
      return [];
  }
}

function udpWish(text: string | undefined): TransportWish[] {
  const pair = pairOf(text, 65_535);
  if (pair === undefined || pair[0] === 0) return [];
  return [{ kind: 'udp', rtpPort: pair[0], rtcpPort: pair[1] }];
}

function tcpWish(text: string | undefined): TransportWish[] {
  if (text === undefined) return [{ kind: 'tcp', channels: undefined }];
  const channels = pairOf(text, 255);
  return channels === undefined || channels[0] === channels[1] ? [] : [{ kind: 'tcp', channels }];
}

/** `5000-5001`, or `5000` alone, which means the same. */
function pairOf(text: string | undefined, most: number): readonly [number, number] | undefined {
  const [, first, second] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text ?? '') ?? [];
  if (first === undefined) return undefined;
  const pair = [Number(first), second === undefined ? Number(first) + 1 : Number(second)] as const;
  return pair.every((number) => number <= most) ? pair : undefined;
}
