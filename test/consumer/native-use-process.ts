// Native code at work on a frame that is taken from under it, in all the ways that happen. Each scenario
// prints a line; a process that aborts prints no more. Run by native-use.test.ts on every Node supported.
import { pbkdf2 } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { connect, type Frame, type RingReader } from '@camstream/consumer';
import type { NativeRingWriter } from '@camstream/core';
import sharp from 'sharp';
import { makeRingRoot, noise, openTestRing } from '../support/test-ring.js';

const width = 640;
const height = 480;
const size = width * height;
const deflate = promisify(zlib.deflate) as (bytes: Uint8Array) => Promise<Buffer>;
const laps = 20; // more frames than any of these rings has slots

/** What native code makes of bytes, undone again. */
const consumers: Record<string, (bytes: Uint8Array) => Promise<Buffer>> = {
  zlib: async (bytes) => zlib.inflateSync(await deflate(bytes)),
  sharp: (bytes) =>
    sharp(bytes, { raw: { width, height, channels: 1 } })
      .extractChannel(0)
      .raw()
      .toBuffer(),
  stream: (bytes) => {
    const through = new PassThrough();
    through.end(bytes);
    return new Promise((resolve, reject) => {
      setTimeout(() => buffer(through).then(resolve, reject), 50);
    });
  },
};

let sequence = 0;
function publish(ring: NativeRingWriter, count = 1): void {
  for (let index = 0; index < count; index++) ring.publish(noise(size, ++sequence));
}

interface Rig {
  ring: NativeRingWriter;
  reader: RingReader;
  frame: Frame;
  wanted: Uint8Array;
}

async function rig(name: string): Promise<Rig> {
  sequence = 0;
  const ring = openTestRing({ name, width, height });
  publish(ring);
  const reader = await connect(name, { timeoutMs: 10_000 });
  return { ring, reader, frame: await reader.read(), wanted: noise(size, 1) };
}

/** What happens to the frame while native code is at work on it. */
const mishaps: Record<string, (rig: Rig) => Promise<void>> = {
  released: async ({ ring, reader, frame }) => {
    frame.release();
    for (let index = 0; index < laps; index++) {
      publish(ring);
      (await reader.read()).release(); // takes the lease that the frame had
    }
  },
  'ring closed': async ({ ring, reader }) => {
    reader.close();
    publish(ring, laps);
  },
  'producer restarted': async (rig) => {
    const restarted = new Promise((resolve) => rig.reader.once('restarted', resolve));
    const { name } = rig.ring.info();
    rig.ring.close();
    rig.ring = openTestRing({ name, width, height });
    publish(rig.ring, laps);
    await restarted;
    rig.frame.release();
  },
};

/** Gives Node's thread pool enough to do that what comes next waits for a while. */
function keepThreadsBusy(): Promise<unknown> {
  const work = promisify(pbkdf2);
  return Promise.all(Array.from({ length: 4 }, () => work('', '', 100_000, 32, 'sha256')));
}

async function scenario(name: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(
      `not ok ${name}: ${error instanceof Error ? error.stack?.replaceAll('\n', ' ').slice(0, 500) : error}`,
    );
  }
}

function same(found: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(found, wanted) !== 0) throw new Error('other bytes than the frame had');
}

const root = makeRingRoot();
const staying = setInterval(() => undefined, 1000); // a reader that waits for no frame lets the process end
for (const [consumer, use] of Object.entries(consumers)) {
  for (const [mishap, happen] of Object.entries(mishaps)) {
    const name = `${consumer}-${mishap.replaceAll(' ', '-')}`;
    await scenario(`${consumer}: ${mishap}`, async () => {
      const made = await rig(name);
      const result = use(made.frame.data);
      await happen(made);
      same(await result, made.wanted);
      made.reader.close();
      made.ring.close();
    });
  }
  await scenario(`${consumer}: every frame of a loop, none awaited`, async () => {
    const { ring, reader, frame } = await rig(`${consumer}-loop`);
    frame.release();
    const results: Promise<void>[] = [];
    for await (const each of reader.frames('every')) {
      const wanted = noise(size, each.sequence);
      results.push(use(each.planes[0]?.data ?? each.data).then((found) => same(found, wanted)));
      if (results.length === 30) break;
      publish(ring);
    }
    await Promise.all(results);
    reader.close();
    ring.close();
  });
  await scenario(`${consumer}: lent, without a copy`, async () => {
    const { ring, reader, frame, wanted } = await rig(`${consumer}-lent`);
    const result = frame.lend(use);
    frame.release();
    publish(ring, laps);
    same(await result, wanted);
    if (reader.held.copies !== 0) throw new Error('it was copied');
    reader.close();
    ring.close();
  });
  await scenario(
    `${consumer}: lent to somebody who is trusted, and the frame is released meanwhile`,
    async () => {
      const { ring, reader, frame, wanted } = await rig(`${consumer}-trusted`);
      let lent: Uint8Array | undefined;
      const result = frame.lend(
        (bytes) => {
          lent = bytes;
          return use(bytes);
        },
        { trusted: true },
      );
      frame.release();
      publish(ring, laps);
      same(await result, wanted);
      if (reader.held.copies !== 0) throw new Error('it was copied');
      if (lent?.length !== 0) throw new Error('the bytes are still to be had');
      reader.close();
      ring.close();
    },
  );
  await scenario(`${consumer}: lent, and used for longer than was said`, async () => {
    const { ring, reader, frame, wanted } = await rig(`${consumer}-lie`);
    let result: Promise<Buffer> | undefined;
    await frame.lend(async (bytes) => {
      result = use(bytes);
    });
    frame.release();
    publish(ring, laps);
    const found = (await result) as Buffer;
    if (found.some((byte, index) => byte !== 0 && byte !== wanted[index]))
      throw new Error('another frame was seen');
    reader.close();
    ring.close();
  });
}
// fs takes the bytes without asking for `.buffer`: the one case where a frame has to be awaited, or lent.
await scenario('fs: awaited before the release', async () => {
  const { ring, reader, frame, wanted } = await rig('fs-awaited');
  publish(ring, laps);
  await writeFile(`${root}/written`, frame.data);
  frame.release();
  same(await readFile(`${root}/written`), wanted);
  reader.close();
  ring.close();
});
await scenario('fs: lent', async () => {
  const { ring, reader, frame, wanted } = await rig('fs-lent');
  const busy = keepThreadsBusy();
  const written = frame.lend((bytes) => writeFile(`${root}/written`, bytes));
  frame.release();
  publish(ring, laps);
  await Promise.all([written, busy]);
  same(await readFile(`${root}/written`), wanted);
  reader.close();
  ring.close();
});
await scenario('fs: neither awaited nor lent, the bytes are anything but nothing crashes', async () => {
  for (const end of ['release', 'close', 'restart'] as const) {
    const made = await rig(`fs-${end}`);
    const busy = keepThreadsBusy();
    const written = writeFile(`${root}/written`, made.frame.data);
    if (end === 'release') made.frame.release();
    if (end === 'close') made.reader.close();
    if (end === 'restart') await mishaps['producer restarted']?.(made);
    publish(made.ring, laps);
    await Promise.allSettled([written, busy]);
    made.reader.close();
    made.ring.close();
  }
});
await scenario('a worker is ended while sharp and zlib are at work', async () => {
  const { ring, reader, frame } = await rig('worker');
  frame.release();
  const program = new URL('./native-use-worker.js', import.meta.url);
  for (let round = 0; round < 2; round++) {
    const worker = new Worker(program, { workerData: { name: 'worker', width, height } });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    publish(ring, laps);
    await worker.terminate();
    publish(ring, laps);
  }
  const after = await reader.read();
  same(after.data, noise(size, after.sequence));
  reader.close();
  ring.close();
});
clearInterval(staying);
rmSync(root, { recursive: true });
console.log('done');
