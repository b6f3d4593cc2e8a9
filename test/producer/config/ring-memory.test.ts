import { mkdtempSync, rmSync } from 'node:fs';
import { loadCameraAddon, pixelFormats } from '@camstream/core';
import { parseConfig, planOf } from '@camstream/producer';
import t from 'tap';

const root = mkdtempSync(`/dev/shm/camstream-test-${process.pid}-`);
t.teardown(() => rmSync(root, { recursive: true, force: true }));

t.test('the plan knows the slots and bytes that a ring then has', async (t) => {
  const sizes = [
    { width: 16, height: 16, rate: 0.1, readers: 0, hold: 1 },
    { width: 642, height: 362, rate: 29.97, readers: 12, hold: 1 },
    { width: 320, height: 240, rate: 240, readers: 3, hold: 4 },
  ];
  for (const format of pixelFormats) {
    for (const { width, height, rate, readers, hold } of sizes) {
      const slots = { readers, hold };
      const rings = { x: { width, height, rate, format, slots } };
      const camera = { source: 'test', mode: { width: 640, height: 480, rate: 240, format: 'yuyv' } };
      const text = JSON.stringify({ cameras: { main: camera }, rings, streams: {} });
      const planned = planOf(parseConfig({ text, folder: '/' })).cameras[0]?.rings[0];
      const place = { root, name: 'x', localLeases: 0, leaseTimeoutMs: 5000, group: '', systemModes: false };
      const ring = loadCameraAddon().createRing({ ...place, ...slots }, { format, width, height, rate });
      const { slotCount, fileSize } = ring.info();
      t.match(planned, { slots: slotCount, bytes: fileSize }, `${width}x${height} ${format} ${rate}/s`);
      ring.close();
    }
  }
});
