import { type RtspMessage, RtspReader, sdpText, targetOf, transportWishes } from '@camstream/producer';
import t from 'tap';

/** All messages of some bytes, given in pieces of `size`. */
function read(text: string, size = 1e6): RtspMessage[] {
  const bytes = Buffer.from(text, 'latin1');
  const reader = new RtspReader();
  const messages: RtspMessage[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(bytes.subarray(at, at + size));
    for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message);
  }
  return messages;
}

t.test('requests and interleaved packets come whole, however they are cut', async (t) => {
  const text =
    '\r\nOPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n$\x01\x00\x03abc' +
    'SET_PARAMETER rtsp://h/s RTSP/1.0\nCSeq: 2\nX: a\n b\nx:c\nContent-Length: 4\n\nbody' +
    'PLAY rtsp://h/s RTSP/1.0\r\nCSeq: 3\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n' +
    'PAUSE rtsp://h/s RTSP/1.0\r\nCSeq: 4\r\n\r\n';
  const whole = read(text);
  t.match(whole, [
    { kind: 'request', method: 'OPTIONS', url: '*', version: 'RTSP/1.0' },
    { kind: 'interleaved', channel: 1, data: Buffer.from('abc') },
    { kind: 'request', method: 'SET_PARAMETER', body: Buffer.from('body') },
    { kind: 'request', method: 'PLAY' },
    { kind: 'request', method: 'PAUSE' },
  ]);
  const [, , third] = whole;
  t.equal(third?.kind === 'request' && third.headers.get('x'), 'a b, c', 'folded and repeated');
  for (const size of [1, 2, 7, 50]) t.same(read(text, size), whole, `in pieces of ${size}`);
});

t.test('answers to nothing are passed over, however many come at once', async (t) => {
  const text = `${'RTSP/1\n\n'.repeat(100_000)}OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n`;
  t.match(read(text), [{ kind: 'request', method: 'OPTIONS' }]);
  const tooLong = Buffer.concat([Buffer.of(0x24, 0, 0x20, 0x01), Buffer.alloc(0x2001)]).toString('latin1');
  t.match(read(`${tooLong.repeat(500)}OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n`), [{ method: 'OPTIONS' }]);
});

t.test('what is broken, too long or too many is answered, and nothing read any more', async (t) => {
  const broken = (text: string) => read(`${text}OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n`, 1000);
  const head = 'OPTIONS * RTSP/1.0\r\n';
  t.match(broken('rubbish\r\n\r\n'), [{ kind: 'broken', status: 400 }]);
  t.match(broken('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), [{ kind: 'broken', reason: /RTSP only/ }]);
  t.match(broken(`${head}no colon\r\n\r\n`), [{ kind: 'broken', reason: /no name/ }]);
  t.match(broken(`${head}X: a\x00b\r\n\r\n`), [{ kind: 'broken', reason: /control characters/ }]);
  t.match(broken(`${head}${'X: y\r\n'.repeat(65)}\r\n`), [{ kind: 'broken', reason: /more than 64/ }]);
  t.match(broken(`${head}X: ${'y'.repeat(8192)}\r\n\r\n`), [{ kind: 'broken', status: 413 }]);
  t.match(broken('y'.repeat(9000)), [{ kind: 'broken', status: 413 }]);
  t.match(broken(`${head}Content-Length: 16385\r\n\r\n`), [{ kind: 'broken', status: 413 }]);
  t.match(broken(`${head}Content-Length: -1\r\n\r\n`), [{ kind: 'broken', reason: /no number/ }]);
});

t.test('a header of blanks takes no longer than another', async (t) => {
  const blanks = `OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nX: \t a${' '.repeat(8000)}b \t\r\n\r\n`;
  const begin = performance.now();
  const messages = read(blanks.repeat(20));
  const tookMs = performance.now() - begin;
  t.equal(messages.length, 20);
  for (const message of messages) {
    t.match(message.kind === 'request' && message.headers.get('x'), /^a {8000}b$/);
  }
  t.comment(`20 requests: ${tookMs.toFixed(1)} ms`);
  t.ok(tookMs < 500, `${tookMs} ms`);
});

t.test('an interleaved packet that no receiver sends is passed over without being kept', async (t) => {
  const reader = new RtspReader();
  reader.push(Buffer.from('$\x00\xff\xff', 'latin1'));
  t.equal(reader.next(), undefined);
  for (let sent = 0; sent < 65_535; sent += 999) reader.push(Buffer.alloc(Math.min(999, 65_535 - sent)));
  t.equal(reader.heldBytes, 0);
  reader.push(Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'));
  t.match(reader.next(), { method: 'OPTIONS' });
});

t.test('transports, in the order of preference', async (t) => {
  const wishes = (header: string) => transportWishes(header, '192.0.2.1');
  t.same(wishes('RTP/AVP;unicast;client_port=5000-5001;mode=PLAY'), [
    { kind: 'udp', rtpPort: 5000, rtcpPort: 5001 },
  ]);
  t.same(wishes('RTP/AVP/UDP;unicast;client_port=5000'), [{ kind: 'udp', rtpPort: 5000, rtcpPort: 5001 }]);
  t.same(wishes('RTP/AVP/TCP;interleaved=2-3 , RTP/AVP;multicast;mode="play"'), [
    { kind: 'tcp', channels: [2, 3] },
    { kind: 'multicast' },
  ]);
  t.same(wishes('RTP/AVP/TCP;unicast'), [{ kind: 'tcp', channels: undefined }]);
  t.same(wishes('RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.1').length, 1);
  for (const none of [
    ...['RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.9', 'RTP/AVP;unicast', 'RTP/SAVP;unicast'],
    ...['RTP/AVP;unicast;client_port=0-1', 'RTP/AVP;unicast;client_port=70000-70001', '', ';;;', '=,='],
    ...['RTP/AVP/TCP;interleaved=255-256', 'RTP/AVP/TCP;interleaved=4-4', 'RTP/AVP;unicast;mode=RECORD'],
  ]) {
    t.same(wishes(none), [], none);
  }
});

t.test('URLs', async (t) => {
  t.same(targetOf('*'), { kind: 'server' });
  t.same(targetOf('rtsp://host:8554/'), { kind: 'server' });
  t.same(targetOf('rtsp://host:8554/low'), { kind: 'stream', stream: 'low' });
  t.same(targetOf('rtsp://u:p@[::1]/low/?x=1'), { kind: 'stream', stream: 'low' });
  t.same(targetOf('RTSP://host/l%6fw/trackID=0'), { kind: 'track', stream: 'low' });
  t.same(targetOf('/low/trackID=0'), { kind: 'track', stream: 'low' });
  t.same(targetOf('rtsp://host/low/trackID=1'), { kind: 'stream', stream: 'low/trackID=1' });
  for (const none of ['http://host/low', 'low', 'rtsp://host/%ff', ''])
    t.equal(targetOf(none), undefined, none);
});

t.test('session descriptions', async (t) => {
  const common = { name: 'high', rate: 29.97, host: '192.0.2.1', isIPv6: false, id: '7', track: 'trackID=0' };
  const parameters = { sps: Buffer.of(0x67, 0x64, 0, 0x28, 9), pps: Buffer.of(0x68, 1) };
  const text = sdpText({ ...common, media: { codec: 'h264', parameters } });
  t.match(text, /^v=0\r\no=- 7 1 IN IP4 192\.0\.2\.1\r\ns=high\r\nc=IN IP4 0\.0\.0\.0\r\nt=0 0\r\n/);
  t.match(
    text,
    'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n' +
      'a=fmtp:96 packetization-mode=1;profile-level-id=640028;sprop-parameter-sets=Z2QAKAk=,aAE=\r\n' +
      'a=framerate:29.97\r\na=control:trackID=0\r\n',
  );
  const jpeg = sdpText({ ...common, isIPv6: true, host: '::1', rate: 0, media: { codec: 'jpeg' } });
  t.match(jpeg, 'o=- 7 1 IN IP6 ::1\r\n');
  t.match(jpeg, 'c=IN IP6 ::\r\n');
  t.match(jpeg, 'm=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\na=control:trackID=0\r\n');
});
