import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type Log, silentLog } from '@camstream/core';
import {
  Authenticator,
  type H264Unit,
  h264Source,
  type JpegUnit,
  jpegSource,
  RtspServer,
  Stream,
} from '@camstream/producer';
import { jpegUnit, roughUnits } from '../../support/rtsp-service.js';
import type { FuzzTarget } from '../fuzzer.js';
import { MemorySocket } from '../memory-socket.js';
import { rtspAnswers } from '../rtsp-answers.js';
import { longRtsp, rtspRequest, rtspRequests, rtspUrl, rtspWords } from '../rtsp-words.js';

// A whole connection: what a viewer says goes through parser, password, request handler and sessions, and
// what comes back is read. The first byte of an input says how: 1, the viewer takes nothing until it is asked
// to; 2, pictures come meanwhile. The rest comes in pieces, cut where there is a byte fe. SESSION is the
// number of the newest session.

const cut = 0xfe;
const track = `${rtspUrl}/trackID=0`;
const session = 'Session: SESSION';
const setUp = (transport: string) => rtspRequest('SETUP', track, `Transport: ${transport}`);
const within = (method: string, ...lines: readonly string[]) =>
  rtspRequest(method, rtspUrl, session, ...lines);

const lives = [
  [setUp('RTP/AVP/TCP;interleaved=0-1'), within('PLAY', 'Range: npt=now-'), within('TEARDOWN')],
  [setUp('RTP/AVP;unicast;client_port=50000-50001'), within('PLAY'), within('PAUSE'), within('PLAY')],
  [
    setUp('RTP/AVP/TCP'),
    within('PLAY'),
    '$\x01\x00\x08\x80\xc9\x00\x01\x00\x00\x00\x01',
    within('GET_PARAMETER'),
  ],
  [setUp('RTP/AVP/TCP'), rtspRequest('SETUP', track, session, 'Transport: RTP/AVP;unicast;client_port=1-2')],
  [rtspRequest('DESCRIBE', rtspUrl), setUp('RTP/AVP/TCP').repeat(9), within('PLAY', 'Range: npt=10-')],
  [rtspRequest('DESCRIBE', 'rtsp://h/low'), setUp('RTP/AVP;multicast,RTP/AVP/TCP').replaceAll('high', 'low')],
  [setUp('RTP/AVP/TCP'), rtspRequest('PLAY', 'rtsp://h/low', session), `${within('PLAY')}${within('PAUSE')}`],
];
const texts = [...rtspRequests, ...longRtsp, ...lives.map((pieces) => pieces.join('\xfe'))];
const seeds = texts.map((text, index) => Buffer.from(`${String.fromCharCode(index % 4)}${text}`, 'latin1'));

/** A server that viewers' bytes are given to without a network. */
export class RtspTargets {
  private trouble: unknown;
  private readonly high = new Stream<H264Unit>('high', { add() {}, remove() {} });
  private readonly low = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  private readonly servers: RtspServer[] = [];

  private constructor(
    private readonly keyFrame: H264Unit,
    private readonly jpeg: JpegUnit,
  ) {}

  static async open(): Promise<RtspTargets> {
    const [keyFrame] = roughUnits(3000);
    if (keyFrame === undefined) throw new Error('wanted a picture');
    return new RtspTargets(keyFrame, await jpegUnit('4:2:0'));
  }

  /** Everybody may watch. Nothing may be left when a viewer has gone, and every answer is one of RTSP. */
  async connection(): Promise<FuzzTarget> {
    return this.target('rtsp-connection', await this.listen(undefined), () => {});
  }

  /** A password is wanted, and no input has it. */
  async stranger(): Promise<FuzzTarget> {
    const account = { user: 'operator', password: 'a password that nobody guesses' };
    const server = await this.listen(new Authenticator(account));
    return this.target('rtsp-stranger', server, (answers) => {
      const told = answers.find(({ status, headers }) => status === 200 && !headers.has('public'));
      if (told !== undefined || server.sessionCount > 0) throw new Error('it was let in');
    });
  }

  async close(): Promise<void> {
    this.high.end();
    this.low.end();
    await Promise.all(this.servers.map((server) => server.close()));
  }

  private async listen(authenticator: Authenticator | undefined): Promise<RtspServer> {
    const log: Log = {
      ...silentLog,
      error: (details) => {
        this.trouble = details;
      },
    };
    const server = await RtspServer.listen(
      [h264Source(this.high, 30, { ms: 500, bytes: 2 ** 20 }), jpegSource(this.low, 30, silentLog)],
      {
        addresses: [{ host: '127.0.0.1', optional: false }],
        rtsp: { port: 0, rtpPort: 0, rtcpPort: 0, multicast: undefined },
        maxConnections: 4,
        authenticator,
        stuckMs: 30_000,
        limitUnsent: () => true,
        refusalDelayMs: 0,
        log,
      },
    );
    this.servers.push(server);
    return server;
  }

  private target(
    name: string,
    server: RtspServer,
    check: (answers: ReturnType<typeof rtspAnswers>) => void,
  ): FuzzTarget {
    return {
      name,
      scripts: '/packages/producer/dist/',
      mostBytes: 65_536,
      seeds,
      words: [...rtspWords, session, '\xfe'],
      run: async (input) => {
        const answers = rtspAnswers(await this.converse(server, input));
        check(answers);
        this.leave(server);
      },
    };
  }

  /** What a viewer is sent that says this. */
  private async converse(server: RtspServer, input: Buffer): Promise<Buffer> {
    const [flags = 0] = input;
    const socket = new MemorySocket((flags & 1) !== 0);
    const { accept, site } = insideOf(server);
    this.publish();
    accept.call(server, socket as unknown as Socket, noNetwork);
    for (const piece of piecesOf(input.subarray(1))) {
      if (socket.destroyed) break;
      const [newest = ''] = [...site.sessions.keys()].slice(-1);
      socket.emit('data', Buffer.from(piece.toString('latin1').replaceAll('SESSION', newest), 'latin1'));
      do {
        await setImmediate();
        socket.drain();
      } while (socket.isPaused && !socket.destroyed);
      if ((flags & 2) !== 0) this.publish();
    }
    socket.destroy();
    return Buffer.concat(socket.written);
  }

  /** Whoever is left by UDP goes; then there must be nobody. */
  private leave(server: RtspServer): void {
    const { sessions } = insideOf(server).site;
    for (const session of [...sessions.values()]) session.close('the input is over');
    const { sessionCount, connectionCount } = server;
    const viewers = this.high.viewerCount + this.low.viewerCount;
    const { byPlace, bySender } = insideOf(server).receivers;
    const left = { sessionCount, connectionCount, viewers, places: byPlace.size, senders: bySender.size };
    if (Object.values(left).some((count) => count > 0)) throw new Error(`left: ${JSON.stringify(left)}`);
    if (this.trouble !== undefined) throw new Error('an error was logged', { cause: this.trouble });
  }

  private publish(): void {
    const capturedAtNs = process.hrtime.bigint();
    this.high.publish({ ...this.keyFrame, capturedAtNs });
    this.low.publish({ ...this.jpeg, capturedAtNs });
  }
}

function piecesOf(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(cut, at);
    const end = found < 0 ? bytes.length : found;
    pieces.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return pieces.filter(({ length }) => length > 0);
}

/** Where connections come in, and what they leave behind. */
function insideOf(server: RtspServer) {
  return server as unknown as {
    accept(socket: Socket, udp: typeof noNetwork): void;
    readonly receivers: { readonly byPlace: { size: number }; readonly bySender: { size: number } };
    readonly site: { readonly sessions: ReadonlyMap<string, { close(why: string): void }> };
  };
}

const noNetwork = { rtp: udpSocket(8000), rtcp: udpSocket(8001) };

/** Whatever is sent is gone. */
function udpSocket(port: number): UdpSocket {
  return {
    address: () => ({ address: '127.0.0.1', family: 'IPv4', port }),
    getSendQueueSize: () => 0,
    send: (...args: unknown[]) => process.nextTick(args.at(-1) as (error: null) => void, null),
  } as unknown as UdpSocket;
}
