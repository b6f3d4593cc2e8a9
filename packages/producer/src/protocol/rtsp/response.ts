/** By name; several values are several lines. */
export type RtspHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What a request is answered with. */
export interface RtspResponse {
  readonly status: number;
  readonly headers?: RtspHeaders;
  /** With its Content-Type among the headers. */
  readonly body?: string;
}

// RFC 2326 7.1.1 and, for what HTTP has, RFC 2068.
const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  451: 'Parameter Not Understood',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  457: 'Invalid Range',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'RTSP Version Not Supported',
  551: 'Option Not Supported',
};

/** The bytes of a response (RFC 2326 7). `cseq`: of the request; undefined where it was not to be read. */
export function responseBytes(
  { status, headers = {}, body }: RtspResponse,
  cseq: string | undefined,
  dateMs: number,
): Buffer {
  const lines = [
    `RTSP/1.0 ${status} ${reasons[status] ?? 'Error'}`,
    ...(cseq === undefined ? [] : [`CSeq: ${cseq}`]),
    'Server: camstream',
    `Date: ${new Date(dateMs).toUTCString()}`,
    ...Object.entries(headers).flatMap(([name, values]) =>
      [values].flat().map((value) => `${name}: ${value}`),
    ),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** A refusal with a sentence for people. */
export function refusal(status: number, reason: string, headers: RtspHeaders = {}): RtspResponse {
  return {
    status,
    headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
    body: `${reason}\n`,
  };
}
