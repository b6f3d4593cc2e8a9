import type { Duplex } from 'node:stream';

/** Answers what is no HTTP request, too large a one, or one that takes too long, and hangs up. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, text } = refusalFor(error.code);
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\n` +
      `Connection: close\r\n\r\n${text}`,
    // Whoever keeps sending is not waited for.
    () => socket.destroy(),
  );
}

function refusalFor(code: string | undefined): { readonly status: string; readonly text: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: '431 Request Header Fields Too Large',
        text: 'The request headers exceed 8192 bytes.\n',
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: '408 Request Timeout', text: 'The request took too long to arrive.\n' };
    default:
      return { status: '400 Bad Request', text: 'This is no HTTP/1.1 request that we understand.\n' };
  }
}
