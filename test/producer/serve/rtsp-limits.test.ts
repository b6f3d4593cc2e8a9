import { createLogger } from '@camstream/producer';
import t from 'tap';
import { RtspClient } from '../../support/rtsp-client.js';
import { startRtsp } from '../../support/rtsp-service.js';
import { until } from '../../support/until.js';

// What one client can take from the others: not all sessions, and nothing by what it sends.

const mostOfOne = 8;

t.test('over one connection there are so many sessions at most', async (t) => {
  const { port, url } = await startRtsp(t);
  const client = await RtspClient.open(port);
  const statuses: number[] = [];
  for (let index = 0; index <= mostOfOne; index++) statuses.push(await setUp(client, url('high')));
  t.same(statuses, [...Array(mostOfOne).fill(200), 453]);
  client.close();
});

t.test('sessions whose connection is gone make way, those that have theirs do not', async (t) => {
  const { port, url, server } = await startRtsp(t, { maxConnections: 3 });
  const stays = await RtspClient.open(port);
  t.equal(await setUp(stays, url('high')), 200);
  for (let index = 0; index < 5; index++) {
    const client = await RtspClient.open(port);
    t.equal(await setUp(client, url('high')), 200, `client ${index + 1} is let in`);
    client.close();
    while (server.connectionCount !== 1) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const others = await Promise.all([1, 2].map(() => RtspClient.open(port)));
  for (const client of others) t.equal(await setUp(client, url('high')), 200);
  t.equal(await setUp(stays, url('high')), 453, 'all places are taken by those who are there');
  for (const client of [stays, ...others]) client.close();
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

async function setUp(client: RtspClient, url: string): Promise<number> {
  const ports = 'RTP/AVP;unicast;client_port=50000-50001';
  return (await client.ask('SETUP', `${url}/trackID=0`, `Transport: ${ports}`)).status;
}
