/**
 * The least that plays an RTSP stream (RFC 2326): DESCRIBE, SETUP of the first video, PLAY, a keep-alive; RTP
 * over TCP, interleaved, or over UDP. Packets are handed out as they come, nothing is reordered.
 */

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a viewer does with what comes. */
export interface RtspSink {
  /** One RTP packet; its bytes are valid during the call only. */
  rtp(packet: Buffer): void;
  /** One compound RTCP packet. */
  rtcp?(packet: Buffer): void;
}

/** One playing session. */
export class RtspClient {
  readonly #socket: Socket;
  readonly #sink: RtspSink;
  readonly #udp: UdpSocket[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #answers: ((answer: string) => void)[] = [];
  #sequence = 0;
  #session = '';
  #keepAlive: NodeJS.Timeout | undefined;
  /** The session description. */
  sdp = '';

  private constructor(socket: Socket, sink: RtspSink) {
    this.#socket = socket;
    this.#sink = sink;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {}); // whoever watches counts pictures, and sees that none come
  }

  /** Resolves when PLAY has been answered. Throws if the server refuses something. */
  static async play(url: string, transport: 'tcp' | 'udp', sink: RtspSink): Promise<RtspClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 554),
      noDelay: true,
    });
    await once(socket, 'connect');
    const client = new RtspClient(socket, sink);
    await client.#start(url, transport);
    return client;
  }

  close(): void {
    clearInterval(this.#keepAlive);
    this.#socket.destroy();
    for (const socket of this.#udp) socket.close();
  }

  async #start(url: string, transport: 'tcp' | 'udp'): Promise<void> {
    const description = await this.#ask('DESCRIBE', url, 'Accept: application/sdp\r\n');
    const [head = '', sdp = ''] = description.split('\r\n\r\n');
    this.sdp = sdp;
    const base = /^Content-Base: *(\S+)/im.exec(head)?.[1] ?? `${url}/`;
    const control = /^a=control:(\S+)/m.exec(sdp.slice(sdp.indexOf('m=video')))?.[1] ?? '';
    const track = control.startsWith('rtsp://') ? control : new URL(control, base.replace(/\/*$/, '/')).href;
    const how = transport === 'tcp' ? 'RTP/AVP/TCP;unicast;interleaved=0-1' : await this.#openUdp();
    const setup = await this.#ask('SETUP', track, `Transport: ${how}\r\n`);
    this.#session = /^Session: *([^;\r\n]+)/im.exec(setup)?.[1] ?? '';
    await this.#ask('PLAY', base, 'Range: npt=0.000-\r\n');
    this.#keepAlive = setInterval(() => {
      this.#ask('GET_PARAMETER', base, '').catch(() => {});
    }, 20_000);
    this.#keepAlive.unref();
  }

  async #openUdp(): Promise<string> {
    const [rtp, rtcp] = await evenPair();
    rtp.on('message', (packet) => this.#sink.rtp(packet));
    rtcp.on('message', (packet) => this.#sink.rtcp?.(packet));
    this.#udp.push(rtp, rtcp);
    const { port } = rtp.address();
    return `RTP/AVP;unicast;client_port=${port}-${port + 1}`;
  }

  async #ask(method: string, url: string, headers: string): Promise<string> {
    const session = this.#session === '' ? '' : `Session: ${this.#session}\r\n`;
    const answered = new Promise<string>((resolve, reject) => {
      this.#answers.push(resolve);
      this.#socket.once('close', () => reject(new Error(`${url} hung up at ${method}`)));
    });
    this.#socket.write(`${method} ${url} RTSP/1.0\r\nCSeq: ${++this.#sequence}\r\n${session}${headers}\r\n`);
    const answer = await answered;
    if (!answer.startsWith('RTSP/1.0 200')) throw new Error(`${method} ${url}: ${answer.split('\r\n')[0]}`);
    return answer;
  }

  #receive(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let taken = this.#take(bytes); taken > 0; taken = this.#take(bytes)) bytes = bytes.subarray(taken);
    this.#rest = bytes;
  }

  /** Takes one interleaved packet or answer off the front; its length, or 0 if it is not all there. */
  #take(bytes: Buffer): number {
    if (bytes.length < 4) return 0;
    if (bytes[0] === 0x24) {
      const end = 4 + bytes.readUInt16BE(2);
      if (bytes.length < end) return 0;
      const packet = bytes.subarray(4, end);
      if (bytes[1] === 0) this.#sink.rtp(packet);
      else this.#sink.rtcp?.(packet);
      return end;
    }
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd < 0) return 0;
    const head = bytes.toString('latin1', 0, headEnd);
    const end = headEnd + 4 + Number(/^Content-Length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (bytes.length < end) return 0;
    this.#answers.shift()?.(bytes.toString('latin1', 0, end));
    return end;
  }
}

// RTP wants an even port and RTCP the one above (RFC 3550, 11).
async function evenPair(): Promise<[UdpSocket, UdpSocket]> {
  for (;;) {
    const rtp = await bound(0);
    const { port } = rtp.address();
    const rtcp = port % 2 === 0 ? await bound(port + 1).catch(() => undefined) : undefined;
    if (rtcp) return [rtp, rtcp];
    rtp.close();
  }
}

async function bound(port: number): Promise<UdpSocket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 2 ** 21 });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening'); // rejects with the socket's error
  return socket;
}
