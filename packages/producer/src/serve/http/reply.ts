import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Headers of everything that changes from one moment to the next: nobody may keep it. */
export const liveHeaders: Readonly<OutgoingHttpHeaders> = {
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

/** A whole reply; for HEAD its headers. */
export function reply(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string | Buffer,
): void {
  response.writeHead(status, { ...liveHeaders, ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** A sentence for people. */
export function replyText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
): void {
  reply(request, response, status, { 'Content-Type': 'text/plain; charset=utf-8' }, `${text}\n`);
}

/** An object for programs. */
export function replyJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
): void {
  reply(request, response, status, { 'Content-Type': 'application/json' }, `${JSON.stringify(value)}\n`);
}
