// What RTSP clients say, for inputs to begin with.

export const rtspUrl = 'rtsp://127.0.0.1:8554/high';

export const rtspRequest = (method: string, url: string, ...lines: readonly string[]) =>
  `${method} ${url} RTSP/1.0\r\nCSeq: 1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

const packet = (channel: number, bytes: number) =>
  `$${String.fromCharCode(channel, bytes >> 8, bytes & 0xff)}${'\x80'.repeat(bytes)}`;

/** Of usual length. */
export const rtspRequests: readonly string[] = [
  rtspRequest('OPTIONS', '*', 'User-Agent: x'),
  rtspRequest('DESCRIBE', rtspUrl, 'Accept: application/sdp'),
  rtspRequest(
    'SETUP',
    `${rtspUrl}/trackID=0`,
    'Transport: RTP/AVP;unicast;client_port=5000-5001;mode="PLAY"',
  ),
  rtspRequest('SETUP', `${rtspUrl}/trackID=0`, 'Transport: RTP/AVP/TCP;interleaved=0-1,RTP/AVP;multicast'),
  rtspRequest('PLAY', `${rtspUrl}/`, 'Session: 12345678', 'Range: npt=now-'),
  `${rtspRequest('SET_PARAMETER', rtspUrl, 'Content-Length: 5').replace(/^/, '\r\n')}a: b\n`,
  `$\x01\x00\x04abcd${rtspRequest('TEARDOWN', rtspUrl, 'X: a', ' folded')}RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n`,
  'GET / HTTP/1.1\r\n\r\n',
  rtspRequest('DESCRIBE', rtspUrl, 'Authorization: Basic b3BlcmF0b3I6eA=='),
  rtspRequest(
    'SETUP',
    `${rtspUrl}/trackID=0`,
    'Authorization: Digest username="operator", realm="camstream", nonce="1-2-3", uri="*", response="0"',
    'Transport: RTP/AVP/TCP',
  ),
];

/** As long as they may be, or longer. */
export const longRtsp: readonly string[] = [
  rtspRequest('OPTIONS', '*', `X: ${'y'.repeat(9000)}`),
  rtspRequest('OPTIONS', '*', `X: y${' '.repeat(8000)}z`),
  rtspRequest('OPTIONS', '*', ...Array.from({ length: 64 }, (_, index) => `X-${index}: y`)),
  rtspRequest('OPTIONS', `rtsp://h/${'a'.repeat(8000)}`),
  rtspRequest('SETUP', `${rtspUrl}/trackID=0`, `Transport: ${'RTP/AVP;unicast;a=b,'.repeat(300)}RTP/AVP/TCP`),
  rtspRequest('SET_PARAMETER', rtspUrl, 'Content-Length: 16384') + 'a'.repeat(16_384),
  rtspRequest('SET_PARAMETER', rtspUrl, 'Content-Length: 999999999'),
  packet(0, 200).repeat(300),
  `${packet(1, 65_000)}${rtspRequest('OPTIONS', '*')}`,
  rtspRequest('OPTIONS', '*').repeat(1000),
  'RTSP/1\n\n'.repeat(5000),
];

/** To be strewn in. */
export const rtspWords: readonly string[] = [
  ...['\r\n', '\r\n\r\n', '\n\n', ' RTSP/1.0', ' RTSP/2.0', 'CSeq: ', 'Content-Length: ', 'Session: '],
  ...['Transport: ', 'RTP/AVP', '/TCP', ';unicast', ';multicast', ';client_port=', ';interleaved=', ','],
  ...['rtsp://', '%', '*', '$\x00', '$\x01\x00\x08', 'OPTIONS ', 'trackID=0', 'mode=', 'destination='],
  ...['DESCRIBE ', 'SETUP ', 'PLAY ', 'PAUSE ', 'TEARDOWN ', 'GET_PARAMETER ', 'Require: ', 'Range: npt='],
  ...['Authorization: ', 'Basic ', 'Digest ', 'username="operator"', 'nonce="', 'response="'],
  ...['Accept: ', 'User-Agent: Lavf', '0123456789abcdef', '\x80\xc9\x00\x01\x00\x00\x00\x01', '1-2', '0-1'],
];
