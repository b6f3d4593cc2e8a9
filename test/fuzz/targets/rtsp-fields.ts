import {
  Authenticator,
  jpegLayout,
  packetizeJpeg,
  parseAuthHeader,
  parseAuthParameters,
  readReceiverPacket,
} from '@camstream/producer';
import sharp from 'sharp';
import type { FuzzTarget } from '../fuzzer.js';
import { rtspUrl } from '../rtsp-words.js';

const scripts = '/packages/producer/dist/';
const report = Buffer.from('81c9000700000001000000020000000000000003000000040000000500000006', 'hex');

/** What receivers report. */
export const rtcp: FuzzTarget = {
  name: 'rtcp',
  scripts,
  mostBytes: 300,
  seeds: [report, Buffer.concat([report, Buffer.from('81cb000100000001', 'hex')])],
  words: ['\x80\xc8\x00\x06', '\x81\xc9\x00\x07', '\x81\xca\x00\x02', '\x81\xcb\x00\x01'],
  run(input) {
    const read = readReceiverPacket(input);
    if (read !== undefined && read.reports.length > input.length / 24) throw new Error('reports of nothing');
  },
};

/** What viewers show their password by: nobody is let in who does not know it. */
export const authHeader: FuzzTarget = {
  name: 'auth-header',
  scripts,
  mostBytes: 5000,
  seeds: [
    'Basic dXNlcjpwYXNz',
    `Digest username="u", realm="camstream", nonce="00", uri="${rtspUrl}", response="0123456789abcdef"`,
    'Digest username="a\\"b",algorithm=SHA-256,qop=auth,nc=00000001,cnonce="x", userhash=false',
  ].map((text) => Buffer.from(text)),
  words: [
    ...['Digest ', 'Basic ', '="', '", ', 'nonce=', 'uri=', 'qop=auth', 'algorithm=MD5', 'response=', '\\'],
  ],
  run(input) {
    const text = input.toString('latin1');
    const header = parseAuthHeader(text);
    if (header !== undefined) parseAuthParameters(header.rest);
    const authenticator = new Authenticator({ user: 'operator', password: 'a password that nobody guesses' });
    const verdict = authenticator.check({ authorization: text, method: 'DESCRIBE', uri: rtspUrl });
    if (verdict === 'admitted') throw new Error('it was let in');
  },
};

/** A camera's JPEG, to be sent by RTP. */
export const jpegPictures: FuzzTarget = {
  name: 'jpeg-layout',
  scripts,
  mostBytes: 2000,
  seeds: [await jpeg('4:2:0'), await jpeg('4:4:4')],
  words: [
    ...['\xff\xd8', '\xff\xd9', '\xff\xda', '\xff\xdb\x00\x43', '\xff\xc4', '\xff\xc0'],
    '\xff\xdd\x00\x04\x00\x01',
  ],
  run(input) {
    const layout = jpegLayout(input);
    if (typeof layout === 'string') return;
    const { payloadBytes } = packetizeJpeg(layout);
    if (payloadBytes < layout.scan.length) throw new Error('bytes of the scan are missing');
  },
};

function jpeg(chromaSubsampling: string): Promise<Buffer> {
  const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: '#8090a0' } });
  return picture.jpeg({ chromaSubsampling, optimiseCoding: false }).toBuffer();
}
