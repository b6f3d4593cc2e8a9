// Compiled, never run: a frame's bytes go where bytes go, without a cast.
import { createHash, createHmac } from 'node:crypto';
import { createWriteStream, promises, write, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import zlib from 'node:zlib';
import type { Frame } from '@camstream/consumer';
import sharp from 'sharp';

/** All the ways in which a frame's bytes are passed on as they are. */
export async function passOn(frame: Frame, fd: number): Promise<unknown[]> {
  const raw = { width: frame.width, height: frame.height, channels: 3 } as const;
  write(fd, frame.data, () => undefined);
  writeFileSync('frame.raw', frame.data);
  await promises.writeFile('frame.raw', frame.data);
  zlib.deflate(frame.data, () => undefined);
  zlib.createGzip().write(frame.data);
  createWriteStream('frame.raw').write(frame.data);
  connectSocket('socket').write(frame.data);
  const bytes: Uint8Array<ArrayBuffer> = frame.data;
  return [
    sharp(frame.data, { raw }),
    zlib.gzipSync(frame.data),
    createHash('sha256').update(frame.data),
    createHmac('sha256', frame.data),
    Buffer.from(frame.data),
    Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength),
    new Blob([frame.data]),
    new Response(frame.data),
    new DataView(frame.data.buffer),
    structuredClone(bytes),
    frame.planes.map((plane) => plane.data.subarray(0, plane.stride)),
    frame.lend((lent) => sharp(lent, { raw }).jpeg().toBuffer()),
  ];
}
