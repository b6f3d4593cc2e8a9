import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came. */
export interface RtspAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** An RTP packet, taken apart. */
export interface RtpPacket {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
  readonly atNs: bigint;
}

/** A sender report: one moment on two clocks. */
export interface SenderReport {
  readonly ssrc: number;
  /** Unix time. */
  readonly wallMs: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
  readonly bye: boolean;
  /** When it arrived; what it should say, if nothing took time. */
  readonly arrivedWallMs: number;
}

/** A client that says exactly what a test wants said, and keeps what comes. */
export class RtspClient {
  readonly packets: RtpPacket[] = [];
  readonly reports: SenderReport[] = [];
  /** Told of each packet. */
  onPacket: (packet: RtpPacket) => void = () => {};
  closed = false;
  private readonly answers: RtspAnswer[] = [];
  private rest: Buffer = Buffer.alloc(0);
  private cseq = 0;
  private wake: () => void = () => {};
  private udp: UdpSocket[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.take(chunk);
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RtspClient> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return new RtspClient(socket);
  }

  /** Sends a request and waits for its answer. Header lines as they are written. */
  async ask(method: string, url: string, ...lines: readonly string[]): Promise<RtspAnswer> {
    const head = [`${method} ${url} RTSP/1.0`, `CSeq: ${++this.cseq}`, ...lines];
    this.say(`${head.join('\r\n')}\r\n\r\n`);
    return this.answer();
  }

  say(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** The next answer. */
  async answer(): Promise<RtspAnswer> {
    for (;;) {
      const answer = this.answers.shift();
      if (answer !== undefined) return answer;
      if (this.closed) throw new Error('the connection was closed without an answer');
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** SETUP and PLAY of a stream. Returns the session's header and PLAY's answer. */
  async play(
    url: string,
    transport: 'tcp' | 'udp' | 'multicast' = 'tcp',
  ): Promise<{ readonly session: string; readonly setUp: RtspAnswer; readonly answer: RtspAnswer }> {
    const wish = { tcp: 'RTP/AVP/TCP;unicast;interleaved=0-1', udp: '', multicast: 'RTP/AVP;multicast' };
    const asked = transport === 'udp' ? await this.openUdp() : wish[transport];
    const setUp = await this.ask('SETUP', `${url}/trackID=0`, `Transport: ${asked}`);
    if (setUp.status !== 200) throw new Error(`SETUP ${url}: ${setUp.status} ${setUp.body}`);
    const session = `Session: ${setUp.headers.get('session')?.split(';')[0]}`;
    const answer = await this.ask('PLAY', `${url}/`, session, 'Range: npt=now-');
    if (answer.status !== 200) throw new Error(`PLAY ${url}: ${answer.status} ${answer.body}`);
    return { session, setUp, answer };
  }

  close(): void {
    this.socket.destroy();
    for (const socket of this.udp) socket.close();
    this.udp = [];
  }

  /** Sends an RTCP packet by UDP, as a receiver does. */
  sendRtcp(packet: Buffer, port: number): void {
    this.udp[1]?.send(packet, port, '127.0.0.1');
  }

  private async openUdp(): Promise<string> {
    for (const take of [(data: Buffer) => this.takeRtp(data), (data: Buffer) => this.takeRtcp(data)]) {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 2 ** 20 });
      socket.on('message', take);
      await new Promise<void>((done) => socket.bind(0, this.socket.localAddress, done));
      this.udp.push(socket);
    }
    return `RTP/AVP;unicast;client_port=${this.udp.map((socket) => socket.address().port).join('-')}`;
  }

  private take(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (this.takeOne()) {}
  }

  private takeOne(): boolean {
    if (this.rest[0] === 0x24) {
      if (this.rest.length < 4) return false;
      const end = 4 + this.rest.readUInt16BE(2);
      if (this.rest.length < end) return false;
      const data = this.rest.subarray(4, end);
      if ((this.rest[1] ?? 0) % 2 === 0) this.takeRtp(data);
      else this.takeRtcp(data);
      this.rest = this.rest.subarray(end);
      return true;
    }
    const headEnd = this.rest.indexOf('\r\n\r\n');
    if (headEnd < 0) return false;
    const [first = '', ...lines] = this.rest.toString('latin1', 0, headEnd).split('\r\n');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [name = '', ...value] = line.split(': ');
      const before = headers.get(name.toLowerCase());
      headers.set(
        name.toLowerCase(),
        [...(before === undefined ? [] : [before]), value.join(': ')].join('\n'),
      );
    }
    const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
    if (this.rest.length < end) return false;
    const [, status = ''] = /^RTSP\/1\.0 (\d+) /.exec(first) ?? [];
    this.answers.push({
      status: Number(status),
      headers,
      body: this.rest.toString('utf8', headEnd + 4, end),
    });
    this.rest = this.rest.subarray(end);
    return true;
  }

  private takeRtp(data: Buffer): void {
    const packet = {
      marker: (data.readUInt8(1) & 0x80) !== 0,
      payloadType: data.readUInt8(1) & 0x7f,
      sequence: data.readUInt16BE(2),
      timestamp: data.readUInt32BE(4),
      ssrc: data.readUInt32BE(8),
      payload: Buffer.from(data.subarray(12)),
      atNs: process.hrtime.bigint(),
    };
    this.packets.push(packet);
    this.onPacket(packet);
  }

  private takeRtcp(data: Buffer): void {
    if (data.readUInt8(1) !== 200) return;
    const seconds = data.readUInt32BE(8) - 2_208_988_800;
    this.reports.push({
      ssrc: data.readUInt32BE(4),
      wallMs: seconds * 1000 + (data.readUInt32BE(12) / 2 ** 32) * 1000,
      timestamp: data.readUInt32BE(16),
      packets: data.readUInt32BE(20),
      octets: data.readUInt32BE(24),
      bye: data.length >= 8 && data.readUInt8(data.length - 7) === 203,
      arrivedWallMs: Date.now(),
    });
  }
}

/** The Unix time (ms) that a sender report gives to a time stamp. */
export function wallMsOf(timestamp: number, report: SenderReport): number {
  return report.wallMs + ((timestamp - report.timestamp) | 0) / 90;
}

/** Pictures put together from RTP, by their markers: NAL units of H.264 (RFC 6184). */
export function nalsOf(packets: readonly RtpPacket[]): Buffer[] {
  const nals: Buffer[] = [];
  let pieces: Buffer[] = [];
  for (const { payload } of packets) {
    const head = payload.readUInt8(0);
    switch (head & 0x1f) {
      case 24:
        for (let at = 1; at < payload.length; ) {
          const end = at + 2 + payload.readUInt16BE(at);
          nals.push(payload.subarray(at + 2, end));
          at = end;
        }
        break;
      case 28: {
        const second = payload.readUInt8(1);
        if (second & 0x80) pieces = [Buffer.of((head & 0xe0) | (second & 0x1f))];
        pieces.push(payload.subarray(2));
        if (second & 0x40) nals.push(Buffer.concat(pieces));
        break;
      }
      default:
        nals.push(payload);
    }
  }
  return nals;
}
