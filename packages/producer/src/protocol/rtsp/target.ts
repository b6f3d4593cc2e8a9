/** What below the stream's URL names its only track. */
export const trackName = 'trackID=0';

/** What a request is about: everything (`*`), a stream, or a stream's track. */
export type RtspTarget =
  | { readonly kind: 'server' }
  | { readonly kind: 'stream' | 'track'; readonly stream: string };

/** Takes a request's URL apart; undefined if it is none. */
export function targetOf(url: string): RtspTarget | undefined {
  if (url === '*') return { kind: 'server' };
  const path = pathOf(url);
  if (path === undefined) return undefined;
  const [stream = '', track, ...deeper] = path.split('/').filter((part) => part !== '');
  if (stream === '') return { kind: 'server' };
  if (track === undefined) return { kind: 'stream', stream };
  return track === trackName && deeper.length === 0
    ? { kind: 'track', stream }
    : { kind: 'stream', stream: path.slice(1) };
}

function pathOf(url: string): string | undefined {
  const [, path] = /^rtspu?:\/\/[^/?#]*([^?#]*)/i.exec(url) ?? /^(\/[^?#]*)/.exec(url) ?? [];
  if (path === undefined) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
