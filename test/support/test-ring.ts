import { mkdtempSync, rmSync } from 'node:fs';
import { loadCameraAddon, type NativeRingWriter } from '@camstream/core';

/** What a test may want of a ring; the rest is as the producer has it. */
export interface TestRingOptions {
  readonly name?: string;
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  readonly rate?: number;
  readonly readers?: number;
  readonly hold?: number;
  readonly leaseTimeoutMs?: number;
}

/** A folder for rings of one test's own; readers of this process and of its children look there. */
export function makeRingRoot(): string {
  const root = mkdtempSync(`/dev/shm/camstream-test-${process.pid}-`);
  process.env.CAMSTREAM_RING_ROOT = root;
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** Opens a ring that the caller fills, in the folder that readers look in. */
export function openTestRing(options: TestRingOptions = {}): NativeRingWriter {
  return loadCameraAddon().createRing(
    {
      root: process.env.CAMSTREAM_RING_ROOT ?? makeRingRoot(),
      name: options.name ?? 'test',
      readers: options.readers ?? 4,
      hold: options.hold ?? 1,
      localLeases: 0,
      leaseTimeoutMs: options.leaseTimeoutMs ?? 5000,
      group: '',
      systemModes: false,
    },
    {
      format: options.format ?? 'gray8',
      width: options.width ?? 64,
      height: options.height ?? 16,
      rate: options.rate ?? 60,
    },
  );
}

/** Bytes that no compressor finds anything in, another sequence for each seed. */
export function noise(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed * 2654435761 + 1) >>> 0 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
