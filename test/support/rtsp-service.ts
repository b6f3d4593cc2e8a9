import { loadCameraAddon, silentLog } from '@camstream/core';
import {
  type H264Unit,
  h264Source,
  type JpegUnit,
  jpegSource,
  RtspServer,
  type RtspServerOptions,
} from '@camstream/producer';
import sharp from 'sharp';
import type { Test } from 'tap';
import { LiveStream } from './live-stream.js';

/** An RTSP server in this process, with streams that tests publish to. */
export interface RtspService {
  readonly server: RtspServer;
  readonly port: number;
  readonly high: LiveStream<H264Unit>;
  readonly low: LiveStream<JpegUnit>;
  url(stream: string): string;
}

/** What makes packets of pictures, where it is not the usual. */
export interface Packetizers {
  readonly h264?: Parameters<typeof h264Source>[3];
  readonly jpeg?: Parameters<typeof jpegSource>[3];
}

/** Units that nobody can decode: a key frame of `keyBytes` and nine others of `bytes`. */
export function roughUnits(keyBytes = 5000, bytes = 500): H264Unit[] {
  const parameters = { sps: Buffer.of(0x67, 0x42, 0xc0, 0x1e, 1), pps: Buffer.of(0x68, 0xce, 1) };
  return Array.from({ length: 10 }, (_, index): H264Unit => {
    const keyFrame = index === 0;
    const slice = Buffer.alloc(keyFrame ? keyBytes : bytes, index + 1);
    slice[0] = keyFrame ? 0x65 : 0x41;
    const nals = keyFrame ? [parameters.sps, parameters.pps, slice] : [slice];
    const picture = { sequence: 0, capturedAtNs: 0n, width: 64, height: 64 };
    return { codec: 'h264', ...picture, nals, keyFrame, parameters };
  });
}

/** `high` (H.264), `low` (JPEG that fits) and `odd` (JPEG that does not), until the test ends. */
export async function startRtsp(
  t: Test,
  options: Partial<RtspServerOptions> = {},
  units: readonly H264Unit[] = roughUnits(),
  { h264, jpeg }: Packetizers = {},
): Promise<RtspService> {
  const high = new LiveStream('high', units);
  const jpegs = await Promise.all(['4:2:0', '4:4:4'].map(jpegUnit));
  const [low, odd] = jpegs.map((unit, at) => new LiveStream(['low', 'odd'][at] ?? '', [withOwnBytes(unit)]));
  if (low === undefined || odd === undefined) throw new Error('wanted two pictures');
  const addon = loadCameraAddon();
  const server = await RtspServer.listen(
    [
      h264Source(high.stream, 30, { ms: 500, bytes: 2 ** 20 }, h264),
      jpegSource(low.stream, 30, silentLog, jpeg),
      jpegSource(odd.stream, 30, silentLog),
    ],
    {
      addresses: [{ host: '127.0.0.1', optional: false }],
      rtsp: { port: 0, rtpPort: 0, rtcpPort: 0, multicast: undefined },
      maxConnections: 100,
      authenticator: undefined,
      stuckMs: 30_000,
      limitUnsent: (fd, bytes) => addon.limitUnsent(fd, bytes),
      log: silentLog,
      ...options,
    },
  );
  t.teardown(async () => {
    for (const live of [high, low, odd]) live.stop();
    await server.close();
  });
  const port = server.ports.rtsp;
  return { server, port, high, low, url: (stream) => `rtsp://127.0.0.1:${port}/${stream}` };
}

/** Whoever takes it apart twice has the same picture twice in different memory, as a camera gives them. */
function withOwnBytes(unit: JpegUnit): JpegUnit {
  return {
    ...unit,
    get data() {
      return Buffer.alloc(unit.data.length, unit.data);
    },
  };
}

export async function jpegUnit(chromaSubsampling: string): Promise<JpegUnit> {
  const picture = sharp({ create: { width: 320, height: 240, channels: 3, background: '#8090a0' } });
  const data = await picture.jpeg({ chromaSubsampling, optimiseCoding: false }).toBuffer();
  return { codec: 'jpeg', data, sequence: 0, capturedAtNs: 0n, width: 320, height: 240 };
}
