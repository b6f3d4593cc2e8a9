import { createLogger } from '@camstream/producer';
import t from 'tap';
import { RtspClient } from '../../support/rtsp-client.js';
import { startRtsp } from '../../support/rtsp-service.js';
import { until } from '../../support/until.js';

// What one client can take from the others: nothing by what it sends, and no place for ever.

t.test(
  'fifty viewers by UDP get every picture from the same two ports, one more gets an answer',
  async (t) => {
    const { port, url, server, high } = await startRtsp(t, { maxConnections: 50 });
    const clients: RtspClient[] = [];
    const { rtp, rtcp } = server.ports;
    for (let count = 0; count < 50; ++count) {
      const client = await RtspClient.open(port);
      clients.push(client);
      const { setUp } = await client.play(url('high'), 'udp');
      t.match(setUp.headers.get('transport'), `;server_port=${rtp}-${rtcp};`);
    }
    t.equal(high.stream.audience.totals().get('rtsp-udp')?.viewers, 50);
    for (const { packets } of clients) {
      await until('pictures', () => packets.filter(({ marker }) => marker).length > 30);
      const first = packets[0]?.sequence ?? 0;
      t.ok(
        packets.every(({ sequence }, index) => sequence === ((first + index) & 0xffff)),
        'nothing lost',
      );
    }
    const [watching] = clients;
    if (watching === undefined) throw new Error('unreachable');
    const ports = 'Transport: RTP/AVP;unicast;client_port=50000-50001';
    const session = await watching.ask('SETUP', `${url('low')}/trackID=0`, ports);
    t.match(session, { status: 453, body: 'There are 50 sessions already.' });
    const late = await RtspClient.open(port);
    t.match(await late.answer(), { status: 503, body: 'There are too many connections.' });
    for (const client of clients) client.close();
  },
);

t.test('a flood of answers to nothing harms nobody', async (t) => {
  const { port, url } = await startRtsp(t);
  const client = await RtspClient.open(port);
  client.say('RTSP/1\n\n'.repeat(200_000));
  t.match(await client.ask('OPTIONS', url('high')), { status: 200 }, 'not even whoever sends it');
  const other = await RtspClient.open(port);
  t.match(await other.ask('OPTIONS', url('high')), { status: 200 });
  for (const each of [client, other]) each.close();
});

t.test('between thousands of requests at once others have their turn', async (t) => {
  const { port } = await startRtsp(t);
  const [many, other] = [await RtspClient.open(port), await RtspClient.open(port)];
  many.say('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(2000));
  t.equal((await other.ask('OPTIONS', '*')).status, 200);
  const before = many.socket.bytesRead;
  for (let count = 0; count < 2000; ++count) await many.answer();
  const all = many.socket.bytesRead;
  t.ok(before < all / 10, `${before} of ${all} bytes went before the other's answer`);
  for (const client of [many, other]) client.close();
});

t.test('what is too long or too much is refused before all of it has come', async (t) => {
  const { port, server } = await startRtsp(t);
  const head = 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n';
  const refused: [text: string, status: number][] = [
    [`${head}X: ${'y'.repeat(9000)}`, 413],
    [`OPTIONS rtsp://x/${'y'.repeat(9000)}`, 413],
    [`${head}${'X: y\r\n'.repeat(65)}\r\n`, 400],
    [`${head}Content-Length: 16385\r\n\r\n`, 413],
    [`${head}Content-Length: 99999999999\r\n\r\n`, 400],
  ];
  for (const [text, status] of refused) {
    const client = await RtspClient.open(port);
    client.say(text);
    const answer = await client.answer();
    t.equal(answer.status, status, text.slice(0, 60));
    t.equal(answer.headers.get('connection'), 'close');
    t.match(answer.body, /\.\n$/, 'a sentence says why');
    client.say(Buffer.alloc(2 ** 20));
    await until('it is hung up on', () => client.closed);
  }
  await until('no connection is left', () => server.connectionCount === 0);
});

t.test('half a request, and one whose sender leaves, leave nothing behind', async (t) => {
  const { port, url, server } = await startRtsp(t);
  const halves = [
    'O',
    'OPTIONS * RTSP/1.0\r\nCSe',
    'SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 9\r\n\r\nabc',
    '$\x00\x20\x00abc',
    `SETUP ${url('high')}/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP\r\n\r\nPLA`,
  ];
  for (const half of halves) {
    const [ends, resets] = [await RtspClient.open(port), await RtspClient.open(port)];
    for (const client of [ends, resets]) client.say(half);
    ends.socket.end();
    resets.socket.resetAndDestroy();
  }
  const last = await RtspClient.open(port);
  t.equal((await last.ask('OPTIONS', '*')).status, 200, 'all of them were accepted before this one');
  await until('no other connection is left', () => server.connectionCount === 1);
  t.equal(server.sessionCount, 0);
  last.close();
});

t.test('a body that arrives drop by drop is ended', async (t) => {
  const { port } = await startRtsp(t, { requestTimeoutMs: 500 });
  const client = await RtspClient.open(port);
  client.say('SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 10000\r\n\r\n');
  const drip = setInterval(() => client.say('y'), 50);
  t.teardown(() => clearInterval(drip));
  t.equal((await client.answer()).status, 408);
  clearInterval(drip);
  await until('it is hung up on', () => client.closed);
});

t.test('packets and empty lines are nothing that was asked for', async (t) => {
  const { port } = await startRtsp(t, { idleTimeoutMs: 1500, requestTimeoutMs: 500 });
  for (const garbage of ['$\x00\x00\x04abcd', '$\x01\xff\xff', '\r\n']) {
    const client = await RtspClient.open(port);
    const drip = setInterval(() => client.say(Buffer.from(garbage, 'latin1')), 50);
    t.teardown(() => clearInterval(drip));
    t.match(await client.answer(), { status: 408, body: /Nothing was asked for/ });
    clearInterval(drip);
    await until('it is hung up on', () => client.closed);
  }
});

t.test('packets between requests that nobody sends are passed over, viewers go on', async (t) => {
  const { port, url } = await startRtsp(t);
  const [client, other] = [await RtspClient.open(port), await RtspClient.open(port)];
  for (const viewer of [client, other]) await viewer.play(url('high'));
  const long = Buffer.alloc(4 + 65_535, 0x24);
  long.writeUInt16BE(65_535, 2);
  for (let time = 0; time < 100; ++time) client.say(long); // 6.5 MB
  for (let channel = 0; channel < 256; ++channel)
    client.say(Buffer.of(0x24, channel, 0, 3, 0x80, 0xc9, 0xff));
  t.equal((await client.ask('OPTIONS', '*')).status, 200);
  for (const viewer of [client, other]) {
    const seen = viewer.packets.length;
    await until('it goes on', () => viewer.packets.length > seen + 20);
    viewer.close();
  }
});

t.test('garbage, slow and silent connections are ended, others go on', { timeout: 60_000 }, async (t) => {
  const { port, url } = await startRtsp(t, { requestTimeoutMs: 500, idleTimeoutMs: 1500 });
  const watching = await RtspClient.open(port);
  await watching.play(url('high'));
  const garbage = await RtspClient.open(port);
  garbage.say(Buffer.alloc(10_000, 'garbage '));
  t.equal((await garbage.answer()).status, 413);
  const wrong = await RtspClient.open(port);
  wrong.say('GET / HTTP/1.1\r\n\r\n');
  t.equal((await wrong.answer()).status, 400);
  const unnumbered = await RtspClient.open(port);
  unnumbered.say('OPTIONS * RTSP/1.0\r\n\r\n');
  t.equal((await unnumbered.answer()).status, 400);
  const slow = await RtspClient.open(port);
  slow.say('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nX: ');
  const drip = setInterval(() => slow.say('y'), 50);
  t.teardown(() => clearInterval(drip));
  t.equal((await slow.answer()).status, 408);
  clearInterval(drip);
  const silent = await RtspClient.open(port);
  t.equal((await silent.answer()).status, 408);
  for (const client of [garbage, wrong, unnumbered, slow, silent]) {
    await until('it is hung up on', () => client.closed);
  }
  t.equal(watching.closed, false);
  watching.close();
});

t.test('where all connections are at work, one more is refused', async (t) => {
  const { port, url } = await startRtsp(t, { maxConnections: 2 });
  const watching = [await RtspClient.open(port), await RtspClient.open(port)];
  for (const client of watching) await client.play(url('high'));
  const refused = await RtspClient.open(port);
  t.equal((await refused.answer()).status, 503);
  await until('it is hung up on', () => refused.closed);
  for (const client of watching) {
    t.equal(client.closed, false);
    client.close();
  }
});

t.test('a thousand idle connections are bounded and make way politely', { timeout: 60_000 }, async (t) => {
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', format: 'json' }, (line) => lines.push(line));
  const { port, url, server } = await startRtsp(t, { log });
  const watching = await RtspClient.open(port);
  await watching.play(url('high'));
  const clients: RtspClient[] = [];
  for (let count = 0; count < 1000; ++count) clients.push(await RtspClient.open(port));
  await until('the rest are refused', () => clients.filter(({ closed }) => closed).length === 901);
  t.equal(server.connectionCount, 100);
  const refused = clients.filter(({ closed }) => closed);
  t.equal((await refused.at(-1)?.answer())?.status, 503);
  t.ok(lines.length < 20, `${lines.length} lines of the log`);
  t.match(lines.join(''), /silent connection closed for a new one/);
  const late = await RtspClient.open(port);
  t.equal((await late.ask('DESCRIBE', url('high'))).status, 200, 'who asks is served');
  late.close();
  const seen = watching.packets.length;
  await until('who watched goes on', () => watching.packets.length > seen + 20);
  for (const client of clients) client.close();
  await until('there is room again', () => server.connectionCount === 1);
  watching.close();
});
