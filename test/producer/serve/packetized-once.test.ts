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
      let calls = 0;
      const counted =
        <A, R>(packetize: (picture: A) => R) =>
        (picture: A) => {
          ++calls;
          return packetize(picture);
        };
      const packetizers = { h264: counted(packetizeH264), jpeg: counted(packetizeJpeg) };
      const service = await startRtsp(t, {}, roughUnits(), packetizers);
      const clients = await Promise.all(Array.from({ length: viewers }, () => RtspClient.open(service.port)));
      for (const [index, client] of clients.entries()) {
        await client.play(service.url(stream), index % 2 === 0 ? 'tcp' : 'udp');
      }
      await until('pictures at each', () => clients.every((client) => shown(client) >= wanted));
      const { published } = service[stream].stream;
      t.comment(`${calls} packetizings of ${published} pictures, some of which nobody watched yet`);
      t.ok(calls >= wanted, 'everybody has them');
      t.ok(calls <= published, 'none is packetized twice');
      for (const client of clients) client.close();
    });
  }
}

function shown({ packets }: RtspClient): number {
  return packets.filter(({ marker }) => marker).length;
}
