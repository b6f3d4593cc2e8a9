import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

const program = fileURLToPath(new URL('../../camera/played-camera.py', import.meta.url));

/** A camera of v4l2loopback whose buffers a test writes, one by one. */
export class PlayedCamera {
  private readonly child: ChildProcess;
  private readonly written: Interface;
  private readonly timers = new Set<NodeJS.Timeout>();
  /** Buffers that have gone out. */
  count = 0;

  constructor(
    t: Test,
    readonly path: string,
    width: number,
    height: number,
    fourcc = 'MJPG',
  ) {
    this.child = spawn('python3', [program, path, String(width), String(height), fourcc], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.written = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.written.on('line', () => ++this.count);
    t.teardown(() => {
      for (const timer of this.timers) clearInterval(timer);
      this.child.kill('SIGKILL');
    });
  }

  /** Plays these buffers again and again, at the rate of a camera. */
  play(buffers: readonly Buffer[], rate: number): { stop(): void } {
    let next = 0;
    const timer = setInterval(() => {
      this.send(buffers[next++ % buffers.length] as Buffer);
    }, 1000 / rate);
    this.timers.add(timer);
    return { stop: () => clearInterval(timer) };
  }

  send(buffer: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(buffer.length);
    this.child.stdin?.write(Buffer.concat([head, buffer]));
  }
}

/** Noisy pictures of one colour as ffmpeg encodes them with its `options`: 'green' in 4:2:2, for instance. */
export function noisyJpegs(
  colour: string,
  size: string,
  count: number,
  options: readonly string[] = [],
): Buffer[] {
  const source = `color=c=${colour}:s=${size}:r=10,noise=alls=12:allf=t`;
  const coding = ['-pix_fmt', 'yuvj422p', '-huffman', 'default', '-q:v', '4', ...options];
  const bytes = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', String(count), ...coding, '-f', 'mjpeg', '-'],
    { maxBuffer: 1 << 28 },
  );
  const pictures: Buffer[] = [];
  for (let begin = 0; begin < bytes.length; ) {
    const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), begin) + 2;
    pictures.push(bytes.subarray(begin, end));
    begin = end;
  }
  return pictures;
}

/** A picture without its Huffman tables: Motion JPEG. */
export function withoutTables(jpeg: Buffer): Buffer {
  const kept = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] !== 0xc4) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, jpeg.subarray(at)]);
}

/** Bytes are missing where the picture's middle is. */
export function withHole(jpeg: Buffer): Buffer {
  const middle = jpeg.length >> 1;
  return Buffer.concat([jpeg.subarray(0, middle), jpeg.subarray(middle + 700)]);
}
