import { mkdtempSync, rmSync } from 'node:fs';
import {
  loadCameraAddon,
  type NativeCapture,
  type NativeEvent,
  type NativeRingOptions,
  type NativeSourceOptions,
} from '@camstream/core';
import type { Test } from 'tap';
import { until } from './until.js';

/** A folder for rings that is gone after the test, with its captures. Readers find it by the environment. */
export class CaptureRig {
  readonly root = mkdtempSync(`/dev/shm/camstream-test-${process.pid}-`);
  readonly addon = loadCameraAddon();
  private readonly closing: { close(): Promise<void> }[] = [];

  constructor(t: Test) {
    process.env.CAMSTREAM_RING_ROOT = this.root;
    t.teardown(async () => {
      for (const open of this.closing.reverse()) await open.close();
      rmSync(this.root, { recursive: true, force: true });
    });
  }

  /** What is common to the rings of these tests. */
  ring(name: string, changes: Partial<NativeRingOptions> = {}): NativeRingOptions {
    return {
      root: this.root,
      name,
      readers: 4,
      hold: 1,
      localLeases: 2,
      leaseTimeoutMs: 5000,
      group: '',
      systemModes: false,
      ...changes,
    };
  }

  /** Starts a capture into a ring of that name. */
  async capture(
    name: string,
    source: Partial<NativeSourceOptions>,
    ring: Partial<NativeRingOptions> = {},
  ): Promise<RunningCapture> {
    const events: NativeEvent[] = [];
    const wanted = { kind: 'test', width: 0, height: 0, rate: 0, format: '', ...source } as const;
    const capture = await this.addon.startCapture(wanted, this.ring(name, ring), (event) =>
      events.push(event),
    );
    this.closing.push(capture);
    return new RunningCapture(capture, events);
  }

  /** Closed with the rest. */
  adopt(open: { close(): Promise<void> }): void {
    this.closing.push(open);
  }
}

/** A capture and what it has told so far. */
export class RunningCapture {
  constructor(
    readonly native: NativeCapture,
    readonly events: readonly NativeEvent[],
  ) {}

  /** The event of that kind that comes after the first `skip` events. */
  async event<K extends NativeEvent['kind']>(kind: K, skip = 0): Promise<Extract<NativeEvent, { kind: K }>> {
    const find = () => this.events.slice(skip).find((event) => event.kind === kind);
    return (await until(`event ${kind}`, find)) as Extract<NativeEvent, { kind: K }>;
  }

  /** Waits until so many frames were published in all. */
  async published(count: number): Promise<void> {
    await until(`${count} frames`, () => this.native.status().published >= count);
  }
}
