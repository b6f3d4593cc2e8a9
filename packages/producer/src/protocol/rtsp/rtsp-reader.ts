import type { BrokenRequest, RtspMessage } from './message.js';
import { parseHead, type RequestHead } from './request-head.js';

/** Bytes of a request line with its headers at most. */
export const mostHeadBytes = 8192;
/** Bytes of a request's body at most: parameters are short. */
export const mostBodyBytes = 16_384;
/** An interleaved packet that is longer is passed over: receivers' reports are short. */
const mostPacketBytes = 8192;

const dollar = 0x24;
const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Takes a connection's bytes, however they are cut, and gives requests and interleaved packets. Keeps no more
 * than one of them, and nothing any more after what was broken.
 */
export class RtspReader {
  private rest: Buffer = Buffer.alloc(0);
  /** In `rest`: the end of a head is not before this. */
  private scanned = 0;
  /** Of a packet that is passed over: bytes that have not come yet. */
  private passing = 0;
  private head: RequestHead | undefined;
  private isBroken = false;

  /** A request has begun and is not whole. */
  get isInside(): boolean {
    return this.head !== undefined || (this.rest.length > 0 && this.rest[0] !== dollar);
  }

  /** Bytes of what is not whole yet. */
  get heldBytes(): number {
    return this.rest.length;
  }

  push(chunk: Buffer): void {
    if (this.isBroken) return;
    const passed = Math.min(this.passing, chunk.length);
    this.passing -= passed;
    const fresh = passed > 0 ? chunk.subarray(passed) : chunk;
    if (fresh.length === 0) return;
    this.rest = this.rest.length === 0 ? fresh : Buffer.concat([this.rest, fresh]);
  }

  /** The next whole message; undefined until more has come. */
  next(): RtspMessage | undefined {
    // A loop: what is passed over may come by the thousand in one chunk.
    for (;;) {
      const message = this.one();
      if (message !== 'passed over') return message;
    }
  }

  private one(): RtspMessage | 'passed over' | undefined {
    if (this.isBroken) return undefined;
    if (this.head !== undefined) return this.body(this.head);
    this.skipEmptyLines();
    if (this.rest.length === 0) return undefined;
    return this.rest[0] === dollar ? this.packet() : this.request();
  }

  /** Some clients put them between requests (RFC 2326 4.1 by way of HTTP). */
  private skipEmptyLines(): void {
    if (this.scanned > 0) return;
    let at = 0;
    while (this.rest[at] === carriageReturn || this.rest[at] === newline) ++at;
    if (at > 0) this.take(at);
  }

  private packet(): RtspMessage | 'passed over' | undefined {
    if (this.rest.length < 4) return undefined;
    const channel = this.rest.readUInt8(1);
    const length = this.rest.readUInt16BE(2);
    if (length > mostPacketBytes) {
      const here = Math.min(length + 4, this.rest.length);
      this.take(here);
      this.passing = length + 4 - here;
      return 'passed over';
    }
    if (this.rest.length < 4 + length) return undefined;
    return { kind: 'interleaved', channel, data: this.take(4 + length).subarray(4) };
  }

  private request(): RtspMessage | 'passed over' | undefined {
    const end = this.headEnd();
    if (end === undefined) {
      if (this.rest.length <= mostHeadBytes) return undefined;
      return this.broken(413, `The request line and headers exceed ${mostHeadBytes} bytes.`);
    }
    if (end > mostHeadBytes) {
      return this.broken(413, `The request line and headers exceed ${mostHeadBytes} bytes.`);
    }
    const head = parseHead(this.take(end).toString('latin1'));
    if (head === 'response') return 'passed over'; // To a request that we never made.
    if ('kind' in head) return this.broken(head.status, head.reason);
    if (head.bodyBytes > mostBodyBytes) {
      return this.broken(413, `A body of more than ${mostBodyBytes} bytes is not taken.`);
    }
    this.head = head;
    return this.body(head);
  }

  private body({ bodyBytes, ...request }: RequestHead): RtspMessage | undefined {
    if (this.rest.length < bodyBytes) return undefined;
    this.head = undefined;
    return { kind: 'request', ...request, body: this.take(bodyBytes) };
  }

  /** Behind the empty line. Lines may end without a carriage return (RFC 2326 4). */
  private headEnd(): number | undefined {
    for (let at = this.scanned; ; ) {
      const end = this.rest.indexOf(newline, at);
      if (end < 0) return undefined;
      const length = end - at;
      if (length === 0 || (length === 1 && this.rest[at] === carriageReturn)) return end + 1;
      at = end + 1;
      this.scanned = at;
    }
  }

  private take(bytes: number): Buffer {
    const taken = this.rest.subarray(0, bytes);
    this.rest = this.rest.subarray(bytes);
    this.scanned = 0;
    return taken;
  }

  private broken(status: number, reason: string): BrokenRequest {
    this.isBroken = true;
    this.rest = Buffer.alloc(0);
    return { kind: 'broken', status, reason };
  }
}
