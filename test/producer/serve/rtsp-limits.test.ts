import t from 'tap';
import { RtspClient } from '../../support/rtsp-client.js';
import { startRtsp } from '../../support/rtsp-service.js';

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

t.test('a flood of answers to nothing harms nobody', async (t) => {
  const { port, url } = await startRtsp(t);
  const client = await RtspClient.open(port);
  client.say('RTSP/1\n\n'.repeat(200_000));
  t.match(await client.ask('OPTIONS', url('high')), { status: 200 }, 'not even whoever sends it');
  const other = await RtspClient.open(port);
  t.match(await other.ask('OPTIONS', url('high')), { status: 200 });
  for (const each of [client, other]) each.close();
});

async function setUp(client: RtspClient, url: string): Promise<number> {
  const ports = 'RTP/AVP;unicast;client_port=50000-50001';
  return (await client.ask('SETUP', `${url}/trackID=0`, `Transport: ${ports}`)).status;
}
