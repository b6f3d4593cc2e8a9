import t from 'tap';
import { nalsOf, RtspClient, wallMsOf } from '../../support/rtsp-client.js';
import { roughUnits, startRtsp } from '../../support/rtsp-service.js';
import { until } from '../../support/until.js';

t.test('from DESCRIBE to TEARDOWN, as RFC 2326 has it', async (t) => {
  const { port, url, server, high } = await startRtsp(t);
  const client = await RtspClient.open(port);
  const options = await client.ask('OPTIONS', '*');
  t.match(options.headers.get('public'), /DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER/);
  const description = await client.ask('DESCRIBE', url('high'), 'Accept: application/sdp');
  t.equal(description.headers.get('content-base'), `${url('high')}/`);
  t.match(description.body, 'profile-level-id=42C01E;sprop-parameter-sets=Z0LAHgE=,aM4B\r\n');
  t.match(description.body, 'a=control:trackID=0\r\n');
  const { session, setUp, answer } = await client.play(url('high'));
  t.match(
    setUp.headers.get('transport'),
    /^RTP\/AVP\/TCP;unicast;interleaved=0-1;ssrc=[0-9A-F]{8};mode="PLAY"$/,
  );
  t.match(setUp.headers.get('session'), /^[0-9a-f]{16};timeout=60$/);
  t.equal(answer.headers.get('range'), 'npt=now-');
  const [, sequence, timestamp] =
    /^url=\S+\/trackID=0;seq=(\d+);rtptime=(\d+)$/.exec(answer.headers.get('rtp-info') ?? '') ?? [];
  await until('packets', () => client.packets.length > 20);
  t.match(client.packets[0], { sequence: Number(sequence), timestamp: Number(timestamp), payloadType: 96 });
  t.equal(
    client.packets[0]?.ssrc.toString(16).toUpperCase().padStart(8, '0'),
    /ssrc=(\w+)/.exec(setUp.headers.get('transport') ?? '')?.[1],
  );
  const numbers = client.packets.map((packet) => packet.sequence);
  t.same(
    numbers,
    numbers.map((_, index) => (Number(sequence) + index) & 0xffff),
    'no gap',
  );
  const [first] = nalsOf(client.packets);
  t.same(first, roughUnits()[0]?.parameters.sps, 'it begins with a key frame');
  t.equal(server.sessionCount, 1);
  t.equal(high.stream.audience.totals().get('rtsp-tcp')?.viewers, 1);
  t.equal((await client.ask('GET_PARAMETER', url('high'), session)).status, 200);
  t.equal((await client.ask('PLAY', url('high'), session)).status, 200, 'once more changes nothing');
  t.equal(
    (await client.ask('SETUP', `${url('high')}/trackID=0`, session, 'Transport: RTP/AVP/TCP')).status,
    455,
  );
  t.equal((await client.ask('PAUSE', url('high'), session)).status, 200);
  const paused = client.packets.length;
  t.equal(high.stream.viewerCount, 0);
  t.equal((await client.ask('PLAY', url('high'), session)).status, 200);
  await until('packets again', () => client.packets.length > paused + 5);
  t.equal(client.packets[paused]?.sequence, ((client.packets[paused - 1]?.sequence ?? 0) + 1) & 0xffff);
  t.equal((await client.ask('TEARDOWN', url('high'), session)).status, 200);
  t.equal(server.sessionCount, 0);
  t.equal((await client.ask('PLAY', url('high'), session)).status, 454);
  t.equal(client.closed, false, 'the connection can be used on');
  client.close();
  await until('nobody wants pictures', () => high.wanted === 0);
});

t.test('what cannot be is refused with the status of the RFC and a sentence', async (t) => {
  const { port, url } = await startRtsp(t);
  const client = await RtspClient.open(port);
  const refusals: [method: string, url: string, lines: string[], status: number, text: RegExp][] = [
    ['DESCRIBE', url('nothing'), [], 404, /Here are: high, low, odd/],
    ['DESCRIBE', '*', [], 404, /Here are/],
    ['DESCRIBE', url('high'), ['Accept: text/html'], 406, /application\/sdp/],
    [
      'DESCRIBE',
      url('odd'),
      [],
      415,
      /RTP_JPEG: stream "odd" .* neither 4:2:0 nor 4:2:2.*HTTP: \/mjpeg\/odd/,
    ],
    ['DESCRIBE', url('high'), ['Require: implicit-play'], 551, /implicit-play/],
    ['DESCRIBE', 'http://x/', [], 400, /URL/],
    ['ANNOUNCE', url('high'), [], 405, /ANNOUNCE/],
    ['RECORD', url('high'), [], 405, /RECORD/],
    ['BREW', url('high'), [], 501, /BREW/],
    ['SETUP', url('high'), ['Transport: RTP/AVP/TCP'], 459, /trackID=0/],
    ['SETUP', `${url('high')}/trackID=7`, ['Transport: RTP/AVP/TCP'], 404, /Here are/],
    ['SETUP', `${url('high')}/trackID=0`, [], 400, /Transport/],
    ['SETUP', `${url('high')}/trackID=0`, ['Transport: RTP/SAVP;unicast'], 461, /RTP\/AVP/],
    ['SETUP', `${url('high')}/trackID=0`, ['Transport: RTP/AVP;multicast'], 461, /RTP\/AVP/],
    ['PLAY', url('high'), [], 454, /Session/],
    ['PLAY', url('high'), ['Session: 0123'], 454, /no session 0123/],
    ['GET_PARAMETER', url('high'), ['Session: 0123'], 454, /no session/],
  ];
  for (const [method, about, lines, status, text] of refusals) {
    const answer = await client.ask(method, about, ...lines);
    t.equal(answer.status, status, `${method} ${about} ${lines}`);
    t.match(answer.body, text);
  }
  t.equal((await client.ask('DESCRIBE', url('high'), 'Require: a, b')).headers.get('unsupported'), 'a, b');
  client.say('SET_PARAMETER * RTSP/1.0\r\nCSeq: 99\r\nContent-Length: 4\r\n\r\na: b');
  t.equal((await client.answer()).status, 451);
  client.say('OPTIONS * RTSP/2.0\r\nCSeq: 100\r\n\r\n');
  t.equal((await client.answer()).status, 505);
  const { session } = await client.play(url('high'));
  t.equal((await client.ask('PLAY', url('low'), session)).status, 455);
  t.equal((await client.ask('PLAY', url('high'), session, 'Range: npt=10-')).status, 457);
  t.equal((await client.ask('PLAY', url('high'), session, 'Range: clock=20260101T000000Z-')).status, 457);
  t.equal(
    (await client.ask('SETUP', `${url('low')}/trackID=0`, session, 'Transport: RTP/AVP/TCP')).status,
    455,
  );
  const taken = 'Transport: RTP/AVP/TCP;interleaved=0-1';
  t.equal((await client.ask('SETUP', `${url('low')}/trackID=0`, taken)).status, 461, 'channels in use');
  const other = await client.ask('SETUP', `${url('low')}/trackID=0`, 'Transport: RTP/AVP/TCP');
  t.match(other.headers.get('transport'), /interleaved=2-3/, 'two streams over one connection');
  client.close();
});

t.test('requests in one segment, or one in many, and reports between them', async (t) => {
  const { port, url } = await startRtsp(t);
  const client = await RtspClient.open(port);
  const head = (method: string, about: string, cseq: number) =>
    `${method} ${about} RTSP/1.0\r\nCSeq: ${cseq}\r\n\r\n`;
  client.say(head('OPTIONS', '*', 1) + head('DESCRIBE', url('high'), 2) + head('OPTIONS', '*', 3));
  for (const cseq of ['1', '2', '3']) t.equal((await client.answer()).headers.get('cseq'), cseq);
  for (const letter of head('OPTIONS', '*', 4)) {
    client.say(letter);
    await new Promise(setImmediate);
  }
  t.equal((await client.answer()).headers.get('cseq'), '4');
  const { session } = await client.play(url('high'));
  client.say(Buffer.concat([Buffer.from('$\x01\x00\x08', 'latin1'), Buffer.from('80c9000100000001', 'hex')]));
  client.say(Buffer.concat([Buffer.from('$\x07\x00\x03abc', 'latin1')]));
  t.equal((await client.ask('OPTIONS', '*', session)).status, 200);
  client.close();
});

t.test('the time of a picture, from sender reports', async (t) => {
  const { port, url, high } = await startRtsp(t);
  const captured: bigint[] = [];
  high.onPublished = (unit) => void captured.push(unit.capturedAtNs);
  const client = await RtspClient.open(port);
  await client.play(url('high'));
  await until('pictures', () => client.packets.filter(({ marker }) => marker).length > 20);
  const [report] = client.reports;
  if (report === undefined) throw new Error('no report came');
  t.equal(report.ssrc, client.packets[0]?.ssrc);
  t.ok(Math.abs(report.wallMs - report.arrivedWallMs) < 50, 'it says what time it is');
  const offsetMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  const last = client.packets.at(-1);
  if (last === undefined) throw new Error('no packet');
  const wallMs = wallMsOf(last.timestamp, report);
  const nearest = Math.min(...captured.map((ns) => Math.abs(Number(ns) / 1e6 + offsetMs - wallMs)));
  t.ok(nearest < 5, `${nearest.toFixed(3)} ms from the capture time of a picture`);
  client.close();
});

t.test('a wall clock that is set is told at once, and pictures keep their order', async (t) => {
  const { port, url } = await startRtsp(t);
  const client = await RtspClient.open(port);
  await client.play(url('high'));
  await until('pictures', () => client.packets.length > 20);
  const { now } = Date;
  t.teardown(() => {
    Date.now = now;
  });
  const hourMs = 3_600_000;
  Date.now = () => now() - hourMs;
  await until('another report', () => client.reports.length > 1);
  const [before, after] = client.reports;
  const last = client.packets.at(-1);
  if (before === undefined || after === undefined || last === undefined) throw new Error('unreachable');
  const apartMs = wallMsOf(last.timestamp, before) - wallMsOf(last.timestamp, after);
  t.ok(Math.abs(apartMs - hourMs) < 5, `${(apartMs - hourMs).toFixed(3)} ms from an hour`);
  const times = client.packets.map(
    ({ timestamp }) => (timestamp - (client.packets[0]?.timestamp ?? 0)) >>> 0,
  );
  t.ok(times.every((time, index) => time >= (times[index - 1] ?? 0)));
  client.close();
});

t.test('by UDP, from ports that all viewers share', async (t) => {
  const { port, url, server, high } = await startRtsp(t);
  const clients = [await RtspClient.open(port), await RtspClient.open(port)];
  for (const client of clients) {
    const { setUp } = await client.play(url('high'), 'udp');
    const { rtp, rtcp } = server.ports;
    t.match(setUp.headers.get('transport'), `;server_port=${rtp}-${rtcp};`);
  }
  for (const client of clients) {
    await until('pictures', () => client.packets.filter(({ marker }) => marker).length > 20);
    t.ok(client.reports.length > 0);
    const numbers = client.packets.map(({ sequence }) => sequence);
    t.same(
      numbers,
      numbers.map((_, index) => ((numbers[0] ?? 0) + index) & 0xffff),
      'nothing lost',
    );
  }
  t.not(clients[0]?.packets[0]?.ssrc, clients[1]?.packets[0]?.ssrc);
  t.equal(high.stream.audience.totals().get('rtsp-udp')?.viewers, 2);
  for (const client of clients) client.close();
});

t.test('a key frame of 400 kB by UDP arrives whole', async (t) => {
  const { port, url } = await startRtsp(t, {}, roughUnits(400_000));
  const client = await RtspClient.open(port);
  await client.play(url('high'), 'udp');
  await until('three key frames', () => client.packets.filter(({ marker }) => marker).length > 25);
  const numbers = client.packets.map(({ sequence }) => sequence);
  t.same(
    numbers,
    numbers.map((_, index) => ((numbers[0] ?? 0) + index) & 0xffff),
  );
  client.close();
});

t.test('a viewer by UDP that is not heard of is let go; reports and requests keep it', async (t) => {
  const { port, url, server, high } = await startRtsp(t, { sessionTimeoutMs: 2000 });
  const [silent, asking, reporting] = [
    await RtspClient.open(port),
    await RtspClient.open(port),
    await RtspClient.open(port),
  ];
  await silent.play(url('high'), 'udp');
  const { session } = await asking.play(url('high'), 'udp');
  await reporting.play(url('high'), 'udp');
  const alive = setInterval(() => {
    void asking.ask('GET_PARAMETER', url('high'), session).catch(() => {});
    reporting.sendRtcp(Buffer.from('80c9000100000001', 'hex'), server.ports.rtcp);
  }, 200);
  t.teardown(() => clearInterval(alive));
  await until('the silent one is gone', () => server.sessionCount === 2);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  t.equal(server.sessionCount, 2, 'the others stay');
  t.equal(high.stream.viewerCount, 2);
  await until('it was told good-bye', () => silent.reports.some(({ bye }) => bye));
  for (const client of [silent, asking, reporting]) client.close();
});

t.test('the end of a stream is a good-bye; a viewer that hangs up is forgotten', async (t) => {
  const { port, url, server, high } = await startRtsp(t);
  const [leaving, staying] = [await RtspClient.open(port), await RtspClient.open(port)];
  await leaving.play(url('high'));
  await staying.play(url('high'));
  leaving.close();
  await until('it is forgotten', () => server.sessionCount === 1 && high.stream.viewerCount === 1);
  high.stop();
  await until('a good-bye', () => staying.reports.some(({ bye }) => bye));
  await until('the connection is closed', () => staying.closed);
  t.equal(server.sessionCount, 0);
});

t.test('a viewer that stops reading costs only itself', { timeout: 60_000 }, async (t) => {
  const { port, url, high, server } = await startRtsp(t, { stuckMs: 4000 }, roughUnits(100_000, 40_000));
  const [deaf, other] = [await RtspClient.open(port), await RtspClient.open(port)];
  await deaf.play(url('high'));
  await other.play(url('high'));
  await until('both get pictures', () => [deaf, other].every(({ packets }) => packets.length > 0));
  deaf.socket.pause();
  await until('it loses pictures', () => (high.stream.audience.totals().get('rtsp-tcp')?.dropped ?? 0) > 0);
  const before = other.packets.filter(({ marker }) => marker).length;
  await until('the other goes on', () => other.packets.filter(({ marker }) => marker).length > before + 30);
  const [deafReport, otherReport] = high.stream.audience.reports();
  t.equal(otherReport?.dropped, 0);
  t.ok((deafReport?.dropped ?? 0) > 0);
  await until('it is let go', () => server.sessionCount === 1);
  for (const client of [deaf, other]) client.close();
});

t.test('a viewer that is too slow goes on at a key frame', { timeout: 60_000 }, async (t) => {
  const { port, url, high } = await startRtsp(t, {}, roughUnits(100_000, 40_000));
  const client = await RtspClient.open(port);
  await client.play(url('high'));
  client.socket.pause();
  await until('it loses pictures', () => (high.stream.audience.totals().get('rtsp-tcp')?.dropped ?? 0) > 5);
  client.socket.resume();
  const read = client.packets.length;
  await until('it has caught up', () => client.packets.length > read + 600);
  // By marker one picture each: behind a gap in time there has to be a key frame.
  const pictures: { timestamp: number; isKey: boolean }[] = [];
  for (const { timestamp, payload } of client.packets) {
    if (pictures.at(-1)?.timestamp === timestamp) continue;
    pictures.push({ timestamp, isKey: (payload.readUInt8(0) & 0x1f) === 24 });
  }
  const jumps = pictures.filter(({ timestamp }, index) => {
    const before = pictures[index - 1];
    return before !== undefined && (timestamp - before.timestamp) >>> 0 > 90_000 / 5;
  });
  t.ok(jumps.length > 0, 'something is missing');
  t.ok(jumps.every(({ isKey }) => isKey));
  client.close();
});
