import t from 'tap';
import { RtspClient } from '../../support/rtsp-client.js';
import { startRtsp } from '../../support/rtsp-service.js';
import { until } from '../../support/until.js';

// Whose a session is, and how many a connection may have.

const mostOfOne = 8;
const transport = 'RTP/AVP;unicast;client_port=50000-50001';

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

t.test('a session that goes on over another connection belongs to that one', async (t) => {
  const { port, url, server } = await startRtsp(t, { maxConnections: 3 });
  const connections = (count: number) => until('connections', () => server.connectionCount === count);
  const first = await RtspClient.open(port);
  const { session } = await first.play(url('high'), 'udp');
  first.socket.destroy();
  await connections(0);
  const second = await RtspClient.open(port);
  t.match(await second.ask('OPTIONS', url('high'), session), { status: 200 });
  const others = await Promise.all([1, 2].map(() => RtspClient.open(port)));
  for (const client of others) t.equal(await setUp(client, url('high')), 200);
  const [other] = others as [RtspClient];
  t.equal(await setUp(other, url('high')), 453, 'it does not make way');
  const before = first.packets.length;
  await until('packets', () => first.packets.length > before + 10);
  second.close();
  await connections(2);
  t.equal(await setUp(other, url('high')), 200, 'without that one, too, it does');
  t.equal((await other.ask('OPTIONS', url('high'), session)).status, 454);
  for (const client of [first, ...others]) client.close();
});

t.test('it can be ended over another connection, and one by TCP ends with its own', async (t) => {
  const { port, url, server } = await startRtsp(t);
  const [first, second] = [await RtspClient.open(port), await RtspClient.open(port)];
  const byUdp = await first.play(url('high'), 'udp');
  t.equal((await second.ask('TEARDOWN', url('high'), byUdp.session)).status, 200);
  t.equal(server.sessionCount, 0);
  t.match(await first.ask('OPTIONS', url('high')), { status: 200 }, 'the first one stays');
  const byTcp = await first.play(url('high'));
  t.equal((await second.ask('GET_PARAMETER', url('high'), byTcp.session)).status, 200);
  first.close();
  await until('its end', () => server.sessionCount === 0);
  second.close();
});

t.test('nobody takes the session of a connection that is there', async (t) => {
  const { port, url, server } = await startRtsp(t);
  const [first, second] = [await RtspClient.open(port), await RtspClient.open(port)];
  const { session } = await first.play(url('high'), 'udp');
  t.equal((await second.ask('OPTIONS', url('high'), session)).status, 200, 'it may be asked about');
  second.close();
  await until('its end', () => server.connectionCount === 1);
  const before = first.packets.length;
  await until('packets', () => first.packets.length > before + 10);
  first.close();
  await until('the end of the other', () => server.connectionCount === 0);
  t.equal(server.sessionCount, 1, 'by UDP it may go on over another connection');
  const third = await RtspClient.open(port);
  t.equal((await third.ask('TEARDOWN', url('high'), session)).status, 200);
  third.close();
});

t.test('a session by TCP that does not play yet can be set up again over another connection', async (t) => {
  const { port, url, server } = await startRtsp(t);
  const [first, second] = [await RtspClient.open(port), await RtspClient.open(port)];
  const interleaved = 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1';
  const { headers } = await first.ask('SETUP', `${url('high')}/trackID=0`, interleaved);
  const session = `Session: ${headers.get('session')?.split(';')[0]}`;
  t.equal((await second.ask('SETUP', `${url('high')}/trackID=0`, interleaved, session)).status, 200);
  first.close();
  await until('its end', () => server.connectionCount === 1);
  t.equal((await second.ask('PLAY', url('high'), session)).status, 200);
  await until('packets', () => second.packets.length > 10);
  second.close();
  await until('the end of both', () => server.sessionCount === 0);
});

t.test('who asks for no transport that there is takes no place', async (t) => {
  const { port, url, server } = await startRtsp(t, { maxConnections: 2 });
  const [orphan, other] = [await RtspClient.open(port), await RtspClient.open(port)];
  await orphan.play(url('high'), 'udp');
  orphan.close();
  t.equal(await setUp(other, url('high')), 200);
  await until('its end', () => server.connectionCount === 1);
  const { status } = await other.ask('SETUP', `${url('high')}/trackID=0`, 'Transport: RAW/RAW/UDP');
  t.equal(status, 461);
  t.equal(server.sessionCount, 2);
  other.close();
});

t.test('no connection gets more than its own number by taking over', async (t) => {
  const { port, url, server } = await startRtsp(t);
  const taker = await RtspClient.open(port);
  for (let index = 0; index < mostOfOne; index++) await setUp(taker, url('high'));
  const maker = await RtspClient.open(port);
  const { headers } = await maker.ask('SETUP', `${url('high')}/trackID=0`, `Transport: ${transport}`);
  const session = `Session: ${headers.get('session')?.split(';')[0]}`;
  t.equal((await taker.ask('OPTIONS', url('high'), session)).status, 200, 'it may be used');
  const again = await taker.ask('SETUP', `${url('high')}/trackID=0`, `Transport: ${transport}`, session);
  t.equal(again.status, 453, 'but is not its own');
  taker.close();
  await until('the end of the connection', () => server.connectionCount === 1);
  t.equal((await maker.ask('TEARDOWN', url('high'), session)).status, 200);
  maker.close();
});

async function setUp(client: RtspClient, url: string): Promise<number> {
  return (await client.ask('SETUP', `${url}/trackID=0`, `Transport: ${transport}`)).status;
}
