import { silentLog } from '@camstream/core';
import { HttpServer, type JpegUnit, mjpegRoute, Stream, serveRoutes } from '@camstream/producer';
import t from 'tap';
import { MjpegViewer } from '../../support/mjpeg-viewer.js';
import { until } from '../../support/until.js';

const options = {
  addresses: [{ host: '127.0.0.1', optional: false }],
  port: 0,
  maxConnections: 100,
  log: silentLog,
  stuckMs: 60_000,
  limitUnsent: () => true,
};

t.test('?fps=N gives a viewer so many pictures a second, evenly, and the others all of them', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const server = await HttpServer.listen(options, serveRoutes(new Map([['/', mjpegRoute(stream, options)]])));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${server.port}/`;
  const viewers = [await MjpegViewer.open(`${url}?fps=10`), await MjpegViewer.open(url)];
  await until('two viewers', () => stream.viewerCount === 2);
  const seen = viewers.map(async (viewer) => {
    const sequences: number[] = [];
    for await (const { sequence } of viewer.pictures()) sequences.push(sequence);
    return sequences;
  });
  for (let sequence = 1; sequence <= 30; ++sequence) stream.publish(unit(sequence));
  stream.end();
  const [few, all] = await Promise.all(seen);
  t.same(few, [1, 4, 7, 10, 13, 16, 19, 22, 25, 28]);
  t.equal(all?.length, 30);
  t.equal(stream.audience.totals().get('mjpeg')?.dropped, 0, 'what was not wanted is no loss');
});

t.test('an ?fps= that is no rate is refused with what is wanted', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const server = await HttpServer.listen(options, serveRoutes(new Map([['/', mjpegRoute(stream, options)]])));
  t.teardown(() => server.close());
  for (const fps of ['', '0', '-1', 'x', '1e3', '241', '5;', 'Infinity', '0.01']) {
    const answer = await fetch(`http://127.0.0.1:${server.port}/?fps=${encodeURIComponent(fps)}`);
    t.equal(answer.status, 400, fps);
    t.match(await answer.text(), /fps: wanted a number of pictures a second, 0\.1 to 240, found "/);
  }
  t.equal(stream.viewerCount, 0);
});

/** The pictures of a camera at 30/s, all at once. */
function unit(sequence: number): JpegUnit {
  const capturedAtNs = BigInt(Math.round(1e9 + (sequence * 1e9) / 30));
  return { codec: 'jpeg', data: Buffer.alloc(50), sequence, capturedAtNs, width: 16, height: 16 };
}
