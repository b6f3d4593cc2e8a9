import { frameByteLength, type PixelFormat, packedPlanes } from '@camstream/core';

// What a ring will take of /dev/shm, by the rules of docs/ring-format.md: slots = Q + 2 + H + L.

const pageSize = 4096;
const headerSize = 4096;
const slotHeaderSize = 128;

/** What decides a ring's size. */
export interface RingShape {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly rate: number;
  /** Q: slots that the driver or the converter holds while it writes. */
  readonly queue: number;
  /** L: leases promised, to readers inside the producer too. */
  readonly leases: number;
}

/** Slots and bytes of a ring. */
export interface RingMemory {
  readonly slots: number;
  readonly bytes: number;
}

/** The memory that a ring of this shape takes, to the page. */
export function ringMemory(shape: RingShape): RingMemory {
  const history = Math.max(2, Math.ceil(shape.rate * 0.1));
  const slots = shape.queue + 2 + history + shape.leases;
  const payload = frameByteLength(packedPlanes(shape.format, shape.width, shape.height));
  return {
    slots,
    bytes: wholePages(headerSize + slots * slotHeaderSize) + slots * wholePages(payload),
  };
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / pageSize) * pageSize;
}
