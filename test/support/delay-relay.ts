import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP port that passes everything on to another one, each byte as much later in both directions. */
export class DelayRelay {
  private constructor(private readonly server: Server) {}

  static async open(toPort: number, delayMs: number): Promise<DelayRelay> {
    const server = createServer((near) => {
      const far = connect(toPort, '127.0.0.1');
      pass(near, far, delayMs);
      pass(far, near, delayMs);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new DelayRelay(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }
}

function pass(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => void setTimeout(() => to.writable && to.write(chunk), delayMs));
  from.on('close', () => void setTimeout(() => to.destroy(), delayMs));
  from.on('error', () => {});
}
