import {
  Authenticator,
  jpegLayout,
  packetizeJpeg,
  parseAuthHeader,
  parseAuthParameters,
  type RtspMessage,
  RtspReader,
  readReceiverPacket,
  responseBytes,
  targetOf,
  transportWishes,
} from '@camstream/producer';
import sharp from 'sharp';
import t from 'tap';
import { writeFuzzTable } from './fuzz-table.js';
import { type FuzzReport, type FuzzTarget, fuzz } from './fuzzer.js';

// What comes from the network and is taken apart by us. A few seconds here; CAMSTREAM_LONG=1: ten minutes.

const scripts = '/packages/producer/dist/';
const isLong = process.env.CAMSTREAM_LONG !== undefined;
const seconds = isLong ? 150 : 1.5;

const request = (method: string, url: string, ...lines: readonly string[]) =>
  `${method} ${url} RTSP/1.0\r\nCSeq: 1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const url = 'rtsp://127.0.0.1:8554/low';
const report = Buffer.from(
  '81c90007000000010000000200000000000000030000000400000005000000060000000000'.slice(0, 64),
  'hex',
);

const targets: FuzzTarget[] = [
  {
    name: 'rtsp-reader',
    scripts,
    mostBytes: 20_000,
    seeds: [
      request('OPTIONS', '*', 'User-Agent: x'),
      request('DESCRIBE', url, 'Accept: application/sdp'),
      request('SETUP', `${url}/trackID=0`, 'Transport: RTP/AVP;unicast;client_port=5000-5001;mode="PLAY"'),
      request('SETUP', `${url}/trackID=0`, 'Transport: RTP/AVP/TCP;interleaved=0-1,RTP/AVP;multicast'),
      request('PLAY', `${url}/`, 'Session: 12345678', 'Range: npt=now-'),
      `${request('SET_PARAMETER', url, 'Content-Length: 5').replace(/^/, '\r\n')}a: b\n`,
      `$\x01\x00\x04abcd${request('TEARDOWN', url, 'X: a', ' folded')}RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n`,
      `$\x01\xff\xff${'x'.repeat(100)}`,
      'GET / HTTP/1.1\r\n\r\n',
    ].map((text) => Buffer.from(`\x07${text}`, 'latin1')),
    words: [
      ...['\r\n', '\r\n\r\n', '\n\n', ' RTSP/1.0', ' RTSP/2.0', 'CSeq: ', 'Content-Length: ', 'Session: '],
      ...['Transport: ', 'RTP/AVP', '/TCP', ';unicast', ';multicast', ';client_port=', ';interleaved=', ','],
      ...['rtsp://', '%', '*', '$\x00', '$\x01\x00\x08', 'OPTIONS ', 'trackID=0', 'mode=', 'destination='],
    ],
    run(input) {
      const bytes = input.subarray(1);
      const whole = messagesOf([bytes]);
      // In so many pieces at most: each is put behind what is there, and long inputs would take all the time.
      const size = Math.max(((input[0] ?? 0) % 32) + 1, Math.ceil(bytes.length / 256));
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const cut = messagesOf(pieces);
      if (cut !== whole) throw new Error(`cut into ${size} bytes each it is ${cut}, else ${whole}`);
    },
  },
  {
    name: 'rtcp',
    scripts,
    mostBytes: 300,
    seeds: [report, Buffer.concat([report, Buffer.from('81cb000100000001', 'hex')])],
    words: ['\x80\xc8\x00\x06', '\x81\xc9\x00\x07', '\x81\xca\x00\x02', '\x81\xcb\x00\x01'],
    run(input) {
      const read = readReceiverPacket(input);
      if (read !== undefined && read.reports.length > input.length / 24)
        throw new Error('reports of nothing');
    },
  },
  {
    name: 'auth-header',
    scripts,
    mostBytes: 1000,
    seeds: [
      'Basic dXNlcjpwYXNz',
      `Digest username="u", realm="camstream", nonce="00", uri="${url}", response="0123456789abcdef"`,
      'Digest username="a\\"b",algorithm=SHA-256,qop=auth,nc=00000001,cnonce="x", userhash=false',
    ].map((text) => Buffer.from(text)),
    words: [
      'Digest ',
      'Basic ',
      '="',
      '", ',
      'nonce=',
      'uri=',
      'qop=auth',
      'algorithm=MD5',
      'response=',
      '\\',
    ],
    run(input) {
      const text = input.toString('latin1');
      const header = parseAuthHeader(text);
      if (header !== undefined) parseAuthParameters(header.rest);
      const authenticator = new Authenticator({
        user: 'operator',
        password: 'a password that nobody guesses',
      });
      const verdict = authenticator.check({ authorization: text, method: 'DESCRIBE', uri: url });
      if (verdict === 'admitted') throw new Error('it was let in');
    },
  },
  {
    name: 'jpeg-layout',
    scripts,
    mostBytes: 2000,
    seeds: [await jpeg('4:2:0'), await jpeg('4:4:4')],
    words: [
      '\xff\xd8',
      '\xff\xd9',
      '\xff\xda',
      '\xff\xdb\x00\x43',
      '\xff\xc4',
      '\xff\xc0',
      '\xff\xdd\x00\x04\x00\x01',
    ],
    run(input) {
      const layout = jpegLayout(input);
      if (typeof layout === 'string') return;
      const { payloadBytes } = packetizeJpeg(layout);
      if (payloadBytes < layout.scan.length) throw new Error('bytes of the scan are missing');
    },
  },
];

const reports: FuzzReport[] = [];
for (const target of targets) {
  t.test(`${target.name} takes whatever comes`, async (t) => {
    const report = await fuzz(target, seconds);
    const { text, grownBytes, slowestMs, runs } = report;
    reports.push(report);
    t.comment(text);
    t.ok(runs > 100, 'it ran');
    t.ok(slowestMs < 1000, 'no input takes long');
    t.ok(grownBytes < 32e6, 'nothing is kept');
  });
}

t.test('the table of the long run', { skip: isLong ? false : 'npm run test:long writes it' }, async () => {
  writeFuzzTable('fuzz-rtsp', 'What RTSP clients send', reports);
});

/** What a connection's bytes come to, as text. */
function messagesOf(chunks: readonly Buffer[]): string {
  const reader = new RtspReader();
  const texts: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      texts.push(understood(message));
    }
    if (reader.heldBytes > 26_000) throw new Error(`it holds ${reader.heldBytes} bytes`);
  }
  return texts.join('\n');
}

function understood(message: RtspMessage): string {
  switch (message.kind) {
    case 'interleaved':
      return `${message.channel} ${message.data.toString('hex')}`;
    case 'broken':
      responseBytes({ status: message.status, body: message.reason }, undefined, 0);
      return `broken ${message.status} ${message.reason}`;
    case 'request': {
      const { method, url, headers, body } = message;
      const wishes = transportWishes(headers.get('transport') ?? '', '127.0.0.1');
      const parts = [method, targetOf(url), [...headers], wishes, body.toString('hex')];
      return JSON.stringify(parts);
    }
  }
}

function jpeg(chromaSubsampling: string): Promise<Buffer> {
  const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: '#8090a0' } });
  return picture.jpeg({ chromaSubsampling, optimiseCoding: false }).toBuffer();
}
