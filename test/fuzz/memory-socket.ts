import { EventEmitter } from 'node:events';

/** A connection's socket as far as a server uses it, without a network: emit 'data' is what comes in. */
export class MemorySocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 40_000;
  readonly remoteFamily = 'IPv4';
  readonly localAddress = '127.0.0.1';
  readonly localPort = 8554;
  readonly written: Buffer[] = [];
  isPaused = false;
  destroyed = false;
  writableNeedDrain = false;
  private ended = false;

  /** `slow`: what is written waits for drain(). */
  constructor(private readonly slow: boolean) {
    super();
  }

  get writable(): boolean {
    return !this.ended && !this.destroyed;
  }

  write(data: Buffer): boolean {
    if (!this.writable) throw new Error('written to after its end');
    this.written.push(data);
    this.writableNeedDrain = this.slow;
    return !this.slow;
  }

  drain(): void {
    if (!this.writableNeedDrain || this.destroyed) return;
    this.writableNeedDrain = false;
    this.emit('drain');
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(data: Buffer, done: () => void): void {
    this.write(data);
    this.ended = true;
    setImmediate(done);
  }

  destroySoon(): void {
    this.ended = true;
    setImmediate(() => this.destroy());
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}
