import type { BrokenRequest } from './message.js';

/** A request up to its body. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly version: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bodyBytes: number;
}

/** Header lines of a request at most. */
export const mostHeaders = 64;

const token = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
const requestLine = new RegExp(`^(${token}) ([\\x21-\\x7e\\x80-\\xff]+) ([A-Z]+/\\d+\\.\\d+)$`);
// Blanks around the value are cut off afterwards: an expression that does so as well takes quadratic time.
const headerLine = new RegExp(`^(${token})[ \\t]*:(.*)$`);
const unprintable = /[^\t\x20-\x7e\x80-\xff]/;

/** Reads a request line and its headers (RFC 2326 6.1, 4.2). */
export function parseHead(text: string): RequestHead | BrokenRequest | 'response' {
  const [first = '', ...lines] = text.replace(/(\r?\n)+$/, '').split(/\r?\n/);
  if (/^RTSP\/\d/.test(first)) return 'response';
  const [, method, url, version] = requestLine.exec(first) ?? [];
  if (method === undefined || url === undefined || version === undefined) {
    return broken(400, 'The first line is no RTSP request line.');
  }
  if (!version.startsWith('RTSP/')) return broken(400, 'This port speaks RTSP only.');
  const headers = headersOf(lines);
  if ('kind' in headers) return headers;
  const length = headers.get('content-length') ?? '0';
  if (!/^\d{1,9}$/.test(length)) return broken(400, 'Content-Length is no number.');
  return { method, url, version, headers, bodyBytes: Number(length) };
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, string> | BrokenRequest {
  if (lines.length > mostHeaders) return broken(400, `There are more than ${mostHeaders} header lines.`);
  const headers = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines) {
    if (unprintable.test(line)) return broken(400, 'A header has control characters in it.');
    if (/^[ \t]/.test(line) && last !== undefined) {
      headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`);
      continue;
    }
    const [, name, value = ''] = headerLine.exec(line) ?? [];
    if (name === undefined) return broken(400, 'A header line has no name.');
    last = name.toLowerCase();
    const before = headers.get(last);
    headers.set(last, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
  }
  return headers;
}

function broken(status: number, reason: string): BrokenRequest {
  return { kind: 'broken', status, reason };
}
