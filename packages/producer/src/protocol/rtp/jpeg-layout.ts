import { standardHuffman } from './standard-huffman.js';

/** What RFC 2435 says of a picture in its packets' headers, and the bytes that travel. */
export interface JpegLayout {
  /** 0: 4:2:2, 1: 4:2:0. */
  readonly type: 0 | 1;
  /** In blocks of 8 pixels. */
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** Luminance and chrominance, 64 bytes each, in zigzag order as in the file. */
  readonly quantization: readonly [Buffer, Buffer];
  /** Macroblocks between restart markers; 0: there are none. */
  readonly restartInterval: number;
  /** Entropy-coded, from behind the scan's header up to the end of image. */
  readonly scan: Buffer;
}

const mostPixels = 2040;

const marker = { sof0: 0xc0, dht: 0xc4, eoi: 0xd9, sos: 0xda, dqt: 0xdb, dri: 0xdd };

/** Takes a JPEG apart. Returns why it cannot travel (a sentence for people) if RFC 2435 has no way for it. */
export function jpegLayout(jpeg: Buffer): JpegLayout | string {
  return new Parts(jpeg).layout();
}

interface Component {
  readonly sampling: number;
  readonly table: number;
}

class Parts {
  private readonly tables = new Map<number, Buffer>();
  private components: readonly Component[] | undefined;
  private width = 0;
  private height = 0;
  private restartInterval = 0;
  private wrong: string | undefined;

  constructor(private readonly jpeg: Buffer) {}

  layout(): JpegLayout | string {
    const { jpeg } = this;
    if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== 0xffd8) return 'it is no JPEG';
    let at = 2;
    for (;;) {
      if (at + 4 > jpeg.length || jpeg[at] !== 0xff) return 'its segments are broken';
      const code = jpeg.readUInt8(at + 1);
      if (code === 0xff) {
        ++at; // A fill byte.
        continue;
      }
      const end = at + 2 + jpeg.readUInt16BE(at + 2);
      if (end < at + 4 || end > jpeg.length) return 'its segments are broken';
      if (code === marker.sos) return this.finish(jpeg.subarray(end));
      this.segment(code, jpeg.subarray(at + 4, end));
      if (this.wrong !== undefined) return this.wrong;
      at = end;
    }
  }

  private segment(code: number, body: Buffer): void {
    if (code === marker.dqt) this.quantization(body);
    else if (code === marker.dht) this.huffman(body);
    else if (code === marker.dri) this.restartInterval = body.length >= 2 ? body.readUInt16BE(0) : 0;
    else if (code === marker.sof0) this.frame(body);
    else if (code > marker.sof0 && code <= 0xcf && code !== 0xc8 && code !== 0xcc) {
      this.wrong = 'it is not baseline (progressive, lossless or arithmetic coding)';
    }
  }

  private quantization(body: Buffer): void {
    for (let at = 0; at < body.length; at += 65) {
      const head = body.readUInt8(at);
      if (head >> 4 !== 0 || at + 65 > body.length) {
        this.wrong = 'its quantization tables are not of 64 bytes each';
        return;
      }
      this.tables.set(head & 0x0f, body.subarray(at + 1, at + 65));
    }
  }

  private huffman(body: Buffer): void {
    let at = 0;
    while (at + 17 <= body.length) {
      const head = body.readUInt8(at);
      const counts = body.subarray(at + 1, at + 17);
      const end = at + 17 + counts.reduce((sum, count) => sum + count, 0);
      const known = standardHuffman[`${head >> 4 === 0 ? 'DC' : 'AC'}${head & 0x0f}`];
      if (known === undefined || !known.equals(body.subarray(at + 1, end))) {
        this.wrong = 'its Huffman tables are not the standard ones';
        return;
      }
      at = end;
    }
  }

  private frame(body: Buffer): void {
    const count = body.length >= 6 ? body.readUInt8(5) : 0;
    if (count !== 3 || body.length < 6 + 3 * count) {
      this.wrong = `it has ${count} components instead of three`;
      return;
    }
    this.height = body.readUInt16BE(1);
    this.width = body.readUInt16BE(3);
    this.components = [6, 9, 12].map((at) => ({
      sampling: body.readUInt8(at + 1),
      table: body.readUInt8(at + 2),
    }));
  }

  private finish(rest: Buffer): JpegLayout | string {
    const { width, height } = this;
    const [y, cb, cr] = this.components ?? [];
    if (y === undefined || cb === undefined || cr === undefined) return 'it has no frame header';
    if (width % 8 !== 0 || height % 8 !== 0 || Math.max(width, height) > mostPixels) {
      return `it has ${width}x${height} pixels: both have to be multiples of 8 and at most ${mostPixels}`;
    }
    if (width === 0 || height === 0) return 'it has no size';
    const type = ({ 33: 0, 34: 1 } as const)[y.sampling];
    if (type === undefined || cb.sampling !== 0x11 || cr.sampling !== 0x11) {
      return 'its colours are sampled neither 4:2:0 nor 4:2:2';
    }
    const luminance = this.tables.get(y.table);
    const chrominance = this.tables.get(cb.table);
    if (luminance === undefined || chrominance === undefined || cb.table !== cr.table) {
      return 'it has not one quantization table for luminance and one for chrominance';
    }
    const hasEnd = rest.length >= 2 && rest.readUInt16BE(rest.length - 2) === 0xff00 + marker.eoi;
    const scan = hasEnd ? rest.subarray(0, -2) : rest;
    if (scan.length === 0) return 'it has no picture data';
    const quantization = [luminance, chrominance] as const;
    const { restartInterval } = this;
    return { type, blocksWide: width / 8, blocksHigh: height / 8, quantization, restartInterval, scan };
  }
}
