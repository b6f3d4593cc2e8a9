import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** One picture as a viewer got it. */
export interface ViewedPicture {
  readonly sequence: number;
  readonly dropped: number;
  readonly data: Buffer;
  readonly capturedAtNs: bigint;
  /** From capture to here. */
  readonly latencyMs: number;
}

const boundary = Buffer.from('--camstream');

/** A viewer of a described MJPEG stream: reads parts by their Content-Length. */
export class MjpegViewer {
  private rest: Buffer = Buffer.alloc(0);
  /** The closing boundary has come. */
  closed = false;

  private constructor(private readonly response: Readable) {}

  static async open(url: string): Promise<MjpegViewer> {
    const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode}`);
    return new MjpegViewer(response);
  }

  /** What another program fetches, as its output. */
  static of(body: Readable): MjpegViewer {
    return new MjpegViewer(body);
  }

  /** Pictures until the stream ends or the loop is left. */
  async *pictures(): AsyncGenerator<ViewedPicture> {
    for await (const chunk of this.response) {
      this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
      for (let picture = this.take(); picture !== undefined; picture = this.take()) yield picture;
    }
  }

  /** Stops reading, without hanging up. */
  stopReading(): void {
    this.response.pause();
  }

  close(): void {
    this.response.destroy();
  }

  private take(): ViewedPicture | undefined {
    if (
      this.rest.length > 0 &&
      !this.rest.subarray(0, boundary.length).equals(boundary.subarray(0, this.rest.length))
    ) {
      throw new Error(
        `wanted a boundary, found ${JSON.stringify(this.rest.subarray(0, 40).toString('latin1'))}`,
      );
    }
    if (this.rest.toString('latin1', boundary.length, boundary.length + 4) === '--\r\n') {
      this.closed = true;
      this.rest = Buffer.alloc(0);
      return undefined;
    }
    const headEnd = this.rest.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const head = this.rest.toString('latin1', 0, headEnd);
    const number = (name: string) => {
      const text = new RegExp(`^${name}: (\\d+)\r?$`, 'm').exec(head)?.[1];
      if (text === undefined) throw new Error(`no ${name} in ${JSON.stringify(head)}`);
      return text;
    };
    const start = headEnd + 4;
    const end = start + Number(number('Content-Length'));
    if (this.rest.length < end + 2) return undefined;
    const capturedAtNs = BigInt(number('X-Captured-Monotonic-Ns'));
    const picture = {
      capturedAtNs,
      sequence: Number(number('X-Sequence')),
      dropped: Number(number('X-Dropped')),
      data: Buffer.from(this.rest.subarray(start, end)),
      latencyMs: Number(process.hrtime.bigint() - capturedAtNs) / 1e6,
    };
    this.rest = this.rest.subarray(end + 2);
    return picture;
  }
}
