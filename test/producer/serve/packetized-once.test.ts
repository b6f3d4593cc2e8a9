import { packetizeH264, packetizeJpeg } from '@camstream/producer';
import t from 'tap';
import { RtspClient } from '../../support/rtsp-client.js';
import { roughUnits, startRtsp } from '../../support/rtsp-service.js';
import { until } from '../../support/until.js';

// A picture's packets are made once for all who watch; each viewer sends a copy.

const wanted = 40;

for (const viewers of [1, 5]) {
  for (const stream of ['high', 'low'] as const) {
    t.test(`${viewers} viewers of ${stream} cost one packetizing a picture`, async (t) => {
      const calls = new Map<unknown, number>();
      const counted =
        <A, R>(packetize: (picture: A) => R, identity: (picture: A) => unknown) =>
        (picture: A) => {
          calls.set(identity(picture), (calls.get(identity(picture)) ?? 0) + 1);
          return packetize(picture);
        };
      const packetizers = {
        h264: counted(packetizeH264, (unit) => unit),
        jpeg: counted(packetizeJpeg, ({ scan }) => scan.buffer), // each picture's bytes are its own
      };
      const service = await startRtsp(t, {}, roughUnits(), packetizers);
      const clients = await Promise.all(Array.from({ length: viewers }, () => RtspClient.open(service.port)));
      for (const [index, client] of clients.entries()) {
        await client.play(service.url(stream), index % 2 === 0 ? 'tcp' : 'udp');
      }
      await until('pictures at each', () => clients.every((client) => shown(client) >= wanted));
      const most = Math.max(...calls.values());
      t.comment(`${calls.size} pictures, packetized ${most} times at most`);
      t.ok(calls.size >= wanted, 'everybody has them');
      t.equal(most, 1, 'none is packetized twice');
      for (const client of clients) client.close();
    });
  }
}

function shown({ packets }: RtspClient): number {
  return packets.filter(({ marker }) => marker).length;
}
