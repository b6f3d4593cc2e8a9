import { mkdtempSync, rmSync } from 'node:fs';
import { loadCameraAddon, silentLog } from '@camstream/core';
import { Producer, parseConfig } from '@camstream/producer';
import sharp from 'sharp';
import t from 'tap';
import { MjpegViewer } from '../../support/mjpeg-viewer.js';

const root = mkdtempSync('/dev/shm/camstream-test-');
t.teardown(() => rmSync(root, { recursive: true, force: true }));
process.env.CAMSTREAM_RING_ROOT = root;

const text = `
cameras: { main: { source: test, mode: { width: 640, height: 480, rate: 30 } } }
rings: {}
streams: { low: { port: 0 } }
server: { httpPort: 0 }
`;

t.test('twenty viewers of a stream cost one encode a picture', { timeout: 60_000 }, async (t) => {
  const producer = await Producer.start({
    config: parseConfig({ text, folder: '/' }),
    folder: { root, system: false, group: '' },
    addon: loadCameraAddon(),
    log: silentLog,
    version: '0',
  });
  t.teardown(() => producer.stop());
  const url = producer.summary().streams[0]?.urls[0] ?? '';
  // sharp's queue changes when a picture goes in and when it comes out; this process encodes nothing else.
  let changes = 0;
  sharp.queue.on('change', () => ++changes);
  const seen = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const sequences: number[] = [];
      for await (const { sequence } of (await MjpegViewer.open(url)).pictures()) {
        if (sequences.push(sequence) === 10) break;
      }
      return sequences;
    }),
  );
  const encodes = changes / 2;
  const pictures = new Set(seen.flat()).size;
  t.comment(`${encodes} encodes of ${pictures} pictures for ${seen.length} viewers`);
  t.ok(encodes < 2 * pictures);
});
