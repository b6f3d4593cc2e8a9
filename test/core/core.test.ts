import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  CamstreamError,
  checkRingName,
  fourccOf,
  fourccText,
  frameByteLength,
  frameFlags,
  hasErrorCode,
  loadRingAddon,
  nativeCall,
  packedPlanes,
  pixelFormats,
  ringFormatOf,
  ringInfoOf,
  ringRoots,
  userRingRoot,
} from '@camstream/core';
import t from 'tap';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';

t.test('ring names', async (t) => {
  for (const name of ['a', 'camera', 'left-camera', 'A.b_c-9', 'x'.repeat(63)]) checkRingName(name);
  const wrong = [
    '',
    '.a',
    '-a',
    '_a',
    'a b',
    'a/b',
    'a\u0000',
    'ä',
    'x'.repeat(64),
    'x'.repeat(10_000),
    5,
    null,
  ];
  for (const name of wrong) {
    t.throws(() => checkRingName(name), { name: 'CamstreamError', code: 'RING_NAME', message: /found/ });
  }
});

t.test('readers look at the rings of the user first, unless told otherwise', async (t) => {
  delete process.env.CAMSTREAM_RING_ROOT;
  t.same(ringRoots(), [`/dev/shm/camstream-${process.getuid?.()}`, '/dev/shm/camstream']);
  t.equal(ringRoots()[0], userRingRoot());
  process.env.CAMSTREAM_RING_ROOT = '/dev/shm/elsewhere';
  t.same(ringRoots(), ['/dev/shm/elsewhere']);
  delete process.env.CAMSTREAM_RING_ROOT;
});

t.test('pixel formats and their V4L2 fourccs', async (t) => {
  for (const format of pixelFormats) t.equal(ringFormatOf(fourccOf(format)), format);
  t.equal(fourccOf('yuyv'), 0x56595559);
  t.equal(fourccText(fourccOf('bgr24')), 'BGR3');
  const code = (text: string) => Buffer.from(text).readUInt32LE(0);
  t.equal(ringFormatOf(code('MJPG')), 'mjpeg');
  t.equal(ringFormatOf(code('H264')), 'h264');
  t.equal(ringFormatOf(code('NV16')), 'fourcc:NV16');
});

t.test('the planes of a picture, as the native side lays them', async (t) => {
  makeRingRoot();
  for (const format of pixelFormats) {
    for (const [width, height] of [
      [64, 48],
      [63, 47],
    ] as const) {
      const ring = openTestRing({ name: format, format, width, height });
      const info = ringInfoOf(ring.info());
      t.same(packedPlanes(format, width, height), info.planes, `${format} ${width}x${height}`);
      t.ok(frameByteLength(info.planes) <= ring.info().payloadCapacity);
      ring.close();
    }
  }
});

t.test('flags by name', async (t) => {
  t.same(frameFlags(0), { corrupt: false, discontinuity: false, estimatedTime: false });
  t.same(frameFlags(6), { corrupt: false, discontinuity: true, estimatedTime: true });
});

t.test('an addon that is not there, or broken, is a help text', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'camstream-core-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'node_modules', '@camstream', 'core');
  cpSync(fileURLToPath(new URL('../../../packages/core/dist', import.meta.url)), join(copy, 'dist'), {
    recursive: true,
  });
  writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
  const core = await import(pathToFileURL(join(copy, 'dist', 'index.js')).href);
  t.throws(() => core.loadRingAddon(), {
    code: 'ADDON_LOAD',
    message: /No build was found[\s\S]*npm run build:native/,
  });
  const prebuilds = join(copy, 'prebuilds', `${process.platform}-${process.arch}`);
  mkdirSync(prebuilds, { recursive: true });
  writeFileSync(join(prebuilds, 'ring.node'), 'no library');
  t.throws(() => core.loadRingAddon(), {
    code: 'ADDON_LOAD',
    message: /Found, but not loaded:\n.*ring\.node: /,
  });
  cpSync(
    fileURLToPath(new URL('../../../native/build/Release/ring.node', import.meta.url)),
    join(prebuilds, 'ring.node'),
  );
  t.type(core.loadRingAddon().openRing, 'function', 'the copy inside the package is found');
});

t.test('errors of the addon become errors with a code', async (t) => {
  const addon = loadRingAddon();
  t.equal(loadRingAddon(), addon);
  t.throws(() => nativeCall(() => addon.inspectRing('/dev/shm', 'camstream-none')), {
    name: 'CamstreamError',
    code: 'RING_NOT_FOUND',
  });
  t.throws(
    () => nativeCall(() => addon.openRing('/x' as string, 7 as never, {} as never, 0 as never, 0 as never)),
    {
      name: 'TypeError',
    },
  );
  const error = new CamstreamError('RING_BUSY', 'why');
  t.ok(hasErrorCode(error, 'RING_NAME', 'RING_BUSY'));
  t.notOk(hasErrorCode(error, 'RING_NAME'));
  t.notOk(hasErrorCode('RING_BUSY', 'RING_BUSY'));
});
