/**
 * H.264 in RTP (RFC 6184) as pictures that a decoder could show: those with all of their packets, all the
 * way back to a key frame.
 */

/** A picture that came whole. */
export interface RtpPicture {
  readonly timestamp: number;
  readonly keyFrame: boolean;
  readonly bytes: number;
}

/** Watches one stream's packets in the order in which they come. */
export class RtpPictures {
  readonly #onPicture: (picture: RtpPicture) => void;
  #expected: number | undefined;
  /** All packets of the current picture have come so far. */
  #whole = false;
  /** Everything since the last key frame has. */
  #decodable = false;
  #keyFrame = false;
  #bytes = 0;
  /** Packets that were missing. */
  lost = 0;

  constructor(onPicture: (picture: RtpPicture) => void) {
    this.#onPicture = onPicture;
  }

  packet(packet: Buffer): void {
    const sequence = packet.readUInt16BE(2);
    const payload = payloadOf(packet);
    if (this.#expected === undefined) this.#whole = !isContinuation(payload);
    const missing = this.#expected === undefined ? 0 : (sequence - this.#expected) & 0xffff;
    if (missing > 0x8000) return; // late: its place was given up
    this.#expected = (sequence + 1) & 0xffff;
    if (missing > 0) {
      this.lost += missing;
      this.#whole = this.#decodable = false;
    }
    if (isKeyFrame(payload)) this.#keyFrame = true;
    this.#bytes += packet.length;
    if (((packet[1] as number) & 0x80) !== 0) this.#end(packet.readUInt32BE(4));
  }

  // With the marker bit a picture is over, and the next packet begins one.
  #end(timestamp: number): void {
    if (this.#whole && this.#keyFrame) this.#decodable = true;
    if (this.#whole && this.#decodable) {
      this.#onPicture({ timestamp, keyFrame: this.#keyFrame, bytes: this.#bytes });
    }
    this.#whole = true;
    this.#keyFrame = false;
    this.#bytes = 0;
  }
}

function payloadOf(packet: Buffer): Buffer {
  const first = packet[0] as number;
  const headEnd = 12 + 4 * (first & 0x0f);
  const extended = (first & 0x10) !== 0 ? 4 + 4 * packet.readUInt16BE(headEnd + 2) : 0;
  return packet.subarray(headEnd + extended);
}

/** A fragment (FU-A) that is not the first of its NAL unit. */
function isContinuation(payload: Buffer): boolean {
  return ((payload[0] ?? 0) & 0x1f) === 28 && ((payload[1] ?? 0) & 0x80) === 0;
}

/** A slice of an IDR picture, whole, in an aggregate (STAP-A) or the first fragment of one (FU-A). */
function isKeyFrame(payload: Buffer): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === 28) return ((payload[1] ?? 0) & 0x1f) === 5;
  if (type !== 24) return type === 5;
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
    if (((payload[at + 2] as number) & 0x1f) === 5) return true;
  }
  return false;
}
