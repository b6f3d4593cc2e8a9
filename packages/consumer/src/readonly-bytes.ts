/** What the bytes need of their frame. */
export interface ByteOwner {
  /** The same memory as a buffer that may be used beyond the frame's release. */
  handOut(): ArrayBuffer;
}

/**
 * A frame's bytes on the shared memory itself. JavaScript reads them through a buffer that is detached
 * when the frame is released. Whoever passes memory on to native code asks for `.buffer` first (zlib,
 * streams and sharp do): that gets a buffer of its own, which stays true for as long as it is referenced.
 * Node aborts the process if the buffer that zlib is at work on gets detached.
 */
class ReadonlyBytes extends Uint8Array<ArrayBuffer> {
  readonly #owner: ByteOwner;
  readonly #view: ArrayBuffer;

  constructor(view: ArrayBuffer, offset: number, length: number, owner: ByteOwner) {
    super(view, offset, length);
    this.#view = view;
    this.#owner = owner;
  }

  override subarray(begin = 0, end: number = this.length): Uint8Array<ArrayBuffer> {
    const from = clamp(begin, this.length);
    const to = Math.max(from, clamp(end, this.length));
    return new ReadonlyBytes(this.#view, this.byteOffset + from, to - from, this.#owner);
  }

  static handOut(bytes: ReadonlyBytes): ArrayBuffer {
    return bytes.#owner.handOut();
  }
}

Object.defineProperties(ReadonlyBytes.prototype, {
  // Declared as a property, which TypeScript does not let a class override by an accessor.
  buffer: {
    configurable: true,
    get(this: ReadonlyBytes): ArrayBuffer {
      return ReadonlyBytes.handOut(this);
    },
  },
  // An ordinary Uint8Array for all that look there: sharp does, and slice(), map() and filter(), which make
  // ordinary arrays.
  constructor: { configurable: true, writable: true, value: Uint8Array },
});

/** A view of `length` bytes at `offset` of a frame's `view`. */
export function readonlyBytes(
  view: ArrayBuffer,
  offset: number,
  length: number,
  owner: ByteOwner,
): Uint8Array<ArrayBuffer> {
  return new ReadonlyBytes(view, offset, length, owner);
}

function clamp(index: number, length: number): number {
  const whole = Math.trunc(index) || 0;
  return whole < 0 ? Math.max(0, length + whole) : Math.min(whole, length);
}
