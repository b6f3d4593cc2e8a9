import {
  CamstreamError,
  type FrameFlags,
  frameFlags,
  type NativeRing,
  nativeCall,
  type RingInfo,
} from '@camstream/core';
import { FrameDuty, type HeldFrame } from './frame-leak-guard.js';
import { type FramePlane, framePlanes } from './frame-planes.js';
import { type ByteOwner, readonlyBytes } from './readonly-bytes.js';

/** What a frame is made from; times in ns of CLOCK_MONOTONIC. */
export interface FrameFields {
  readonly sequence: number;
  readonly missed: number;
  readonly capturedAtNs: bigint;
  readonly publishedAtNs: bigint;
  readonly flagBits: number;
  readonly droppedBefore: number;
  readonly leased: boolean;
}

/** How bytes are lent. */
export interface LendOptions {
  /**
   * Whoever borrows them is known to be done when his promise settles, as sharp is. It spares mapping the
   * frame anew each time (3 % of a core for sharp at 720p30); code that is still at work on them would see
   * another frame.
   */
  readonly trusted?: boolean;
}

/**
 * One frame of a ring, seen in place. It belongs to the reader until it is released; a released frame's
 * bytes have length 0.
 */
export class Frame {
  /** Counts up by one a frame from 1; starts anew when the producer is restarted. */
  readonly sequence: number;
  /** Frames between the last one that this loop or read() gave and this one. */
  readonly missed: number;
  /** Frames that camera or producer lost right before this one. */
  readonly droppedBefore: number;
  /** When the picture was taken, CLOCK_MONOTONIC (as process.hrtime.bigint()). */
  readonly capturedAtNs: bigint;
  /** When the producer handed it out, on the same clock. */
  readonly publishedAtNs: bigint;
  /** The bytes stay until release(). False: no lease was to be had; ask isIntact() after use. */
  readonly leased: boolean;
  /** The ring that the frame came from. */
  readonly ring: RingInfo;

  readonly #flagBits: number;
  readonly #held: HeldFrame;
  #duty: FrameDuty;
  #kept: boolean;
  #view: ArrayBuffer | undefined;
  #data: Uint8Array<ArrayBuffer> | undefined;
  #planes: readonly FramePlane[] | undefined;
  #handedOut: ArrayBuffer | undefined;
  #released = false;

  /** @internal Made by a reader. `duty` is the loop's, which releases the frame unless it is kept. */
  constructor(ring: RingInfo, held: HeldFrame, fields: FrameFields, duty: FrameDuty | undefined) {
    this.ring = ring;
    this.sequence = fields.sequence;
    this.missed = fields.missed;
    this.droppedBefore = fields.droppedBefore;
    this.capturedAtNs = fields.capturedAtNs;
    this.publishedAtNs = fields.publishedAtNs;
    this.leased = fields.leased;
    this.#flagBits = fields.flagBits;
    this.#held = held;
    this.#kept = duty === undefined;
    this.#duty = duty ?? new FrameDuty();
    this.#duty.assume(held, this.#kept ? this : undefined);
  }

  /** Pixels a row. */
  get width(): number {
    return this.ring.width;
  }

  /** Rows. */
  get height(): number {
    return this.ring.height;
  }

  /** 'nv12', 'yuyv', 'rgb24', 'bgr24', 'gray8' and so on; 'mjpeg' and 'h264' in a camera's tracks. */
  get format(): RingInfo['format'] {
    return this.ring.format;
  }

  /** What is to be known of the picture: corrupt, discontinuity, estimatedTime. */
  get flags(): FrameFlags {
    return frameFlags(this.#flagBits);
  }

  /**
   * The bytes, in place: nothing is copied. The memory is read-only and a write to it ends the process;
   * change a copy() instead. Goes into sharp, zlib, streams and Buffer as it is. fs.write() and native
   * addons that take it without asking for `.buffer` have to be awaited before the frame is released.
   */
  get data(): Uint8Array<ArrayBuffer> {
    this.#data ??= this.#bytes();
    return this.#data;
  }

  /** The planes of `data`, without a copy. */
  get planes(): readonly FramePlane[] {
    this.#planes ??= framePlanes(this.data, this.ring.planes);
    return this.#planes;
  }

  /** The bytes are still those of this frame. False once it is released. */
  isIntact(): boolean {
    return !this.#released && this.#held.ring.intact(this.#held.id);
  }

  /** A Buffer of one's own. Throws FRAME_RELEASED or FRAME_OVERWRITTEN. */
  copy(): Buffer {
    if (this.#released) throw releasedError(this);
    const data = this.data;
    const copy = Buffer.allocUnsafeSlow(data.length);
    copy.set(data);
    if (this.isIntact()) return copy;
    throw new CamstreamError(
      'FRAME_OVERWRITTEN',
      `Frame ${this.sequence} of ring '${this.ring.name}' was overwritten before it was copied: it had no ` +
        'lease, or was held for so long that its lease was revoked. Copy sooner, or give the ring more ' +
        'readers.',
    );
  }

  /**
   * Runs `use` with the bytes and keeps the frame until its promise settles, whatever becomes of the frame
   * meanwhile: the way to native code at work on other threads that costs no copy at all. After that the
   * bytes have length 0, and code that still reads them sees zeros. Throws FRAME_RELEASED.
   */
  async lend<T>(
    use: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>,
    { trusted = false }: LendOptions = {},
  ): Promise<T> {
    if (this.#released) throw releasedError(this);
    const ring = this.#held.ring;
    const loan = ring.lend(this.#held.id);
    const view = ring.view(loan);
    const bytes = trusted
      ? new Uint8Array(view)
      : readonlyBytes(view, 0, view.byteLength, handOutOf(ring, loan));
    try {
      return await use(bytes);
    } finally {
      ring.release(loan, view);
    }
  }

  /** Keeps the frame beyond the loop's next step; release() it yourself. */
  keep(): this {
    if (this.#kept || this.#released) return this;
    this.#kept = true;
    this.#duty.drop(this.#held);
    this.#duty = new FrameDuty();
    this.#duty.assume(this.#held, this);
    return this;
  }

  /** Whether keep() was called, or the frame came from read(): no loop releases it. */
  get kept(): boolean {
    return this.#kept;
  }

  /** Gives the frame back; its bytes have length 0 from now on. May be called twice. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#handedOut = undefined;
    this.#duty.drop(this.#held);
    this.#held.ring.release(this.#held.id, this.#view);
  }

  /** release(), for `using frame = await camera.read()`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** @internal The bytes' `.buffer`; see readonly-bytes.ts. */
  handOut(): ArrayBuffer {
    if (this.#released) throw releasedError(this);
    this.#handedOut ??= nativeCall(() => this.#held.ring.handOut(this.#held.id));
    return this.#handedOut;
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    this.#view = this.#released ? new ArrayBuffer(0) : this.#held.ring.view(this.#held.id);
    return readonlyBytes(this.#view, 0, this.#view.byteLength, this);
  }
}

function handOutOf(ring: NativeRing, id: bigint): ByteOwner {
  return { handOut: () => nativeCall(() => ring.handOut(id)) };
}

function releasedError(frame: Frame): CamstreamError {
  return new CamstreamError(
    'FRAME_RELEASED',
    `Frame ${frame.sequence} of ring '${frame.ring.name}' has been released: its bytes are another frame's ` +
      'by now. Use it before release() and before the loop asks for the next one, or keep() it.',
  );
}
