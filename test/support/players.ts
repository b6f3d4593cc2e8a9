import { spawn } from 'node:child_process';
import type { CameraAddon } from '@camstream/core';

/** What a player's decoded pictures showed. */
export interface Watched {
  /** Sequence numbers that the test camera has painted, in the order of their coming. */
  readonly codes: readonly number[];
  /** From capture, as painted, to the decoded picture here; ms. */
  readonly latenciesMs: readonly number[];
  readonly pictures: number;
  readonly exitCode: number | null;
  readonly errors: string;
}

/** A picture as the player writes it to its standard output. */
export interface PlayedPicture {
  readonly format: 'rgb24' | 'i420' | 'gray8';
  readonly width: number;
  readonly height: number;
  /** Rows above the test picture: black bars. */
  readonly barRows?: number;
}

const bytesPerPixel = { rgb24: 3, i420: 1.5, gray8: 1 };

/** Runs a player that writes raw pictures, and reads the block code of each. */
export async function watchWith(
  addon: CameraAddon,
  [command, ...args]: readonly [string, ...string[]],
  { format, width, height, barRows = 0 }: PlayedPicture,
  onPicture: (codes: readonly number[]) => 'go on' | 'stop' = () => 'go on',
): Promise<Watched> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const size = width * height * bytesPerPixel[format];
  const layout = { format, width, height: height - 2 * barRows };
  const barBytes = barRows * width * bytesPerPixel[format];
  const codes: number[] = [];
  const latenciesMs: number[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let parts: Buffer[] = [];
  let have = 0;
  let pictures = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    parts.push(chunk);
    have += chunk.length;
    if (have < size) continue;
    const nowNs = process.hrtime.bigint();
    let rest = Buffer.concat(parts);
    for (; rest.length >= size; rest = rest.subarray(size)) {
      ++pictures;
      const code = addon.readBlockCode(rest.subarray(barBytes, size - barBytes), layout);
      if (code === undefined) continue;
      codes.push(code.sequence);
      latenciesMs.push(Number(nowNs - code.capturedAtNs) / 1e6);
      if (onPicture(codes) === 'stop') child.kill('SIGTERM');
    }
    parts = [rest];
    have = rest.length;
  }
  return { codes, latenciesMs, pictures, exitCode: await closed, errors };
}

/** ffmpeg as a player of one URL: what it writes has the given form. */
export function ffmpegPlayer(
  url: string,
  transport: 'tcp' | 'udp' | 'udp_multicast',
  frames: number,
  before: readonly string[] = [],
): readonly [string, ...string[]] {
  return [
    ...(['ffmpeg', '-loglevel', 'error', ...before] as [string, ...string[]]),
    ...['-fflags', 'nobuffer', '-flags', 'low_delay', '-rtsp_transport', transport, '-i', url],
    // ffmpeg's encoder of raw pictures keeps some back for threads of its own.
    ...['-threads', '1', '-frames:v', String(frames), '-fps_mode', 'passthrough', '-flush_packets', '1'],
    ...['-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
  ];
}

/** GStreamer as a player of one URL. */
export function gstreamerPlayer(
  url: string,
  protocols: 'tcp' | 'udp' | 'udp-mcast',
  codec: 'jpeg' | 'h264',
  frames: number,
): readonly [string, ...string[]] {
  const decode = { jpeg: ['rtpjpegdepay', '!', 'jpegdec'], h264: ['rtph264depay', '!', 'avdec_h264'] }[codec];
  return [
    ...(['gst-launch-1.0', '-q'] as [string, ...string[]]),
    ...['rtspsrc', `location=${url}`, `protocols=${protocols}`, 'latency=0', '!', ...decode, '!'],
    ...['videoconvert', '!', 'video/x-raw,format=GRAY8', '!', 'identity', `eos-after=${frames + 1}`, '!'],
    ...['fdsink', 'fd=1', 'sync=false'],
  ];
}

/** VLC as a player of one MJPEG stream, as an ordinary user: it refuses to be run by root. Writes i420. */
export function vlcPlayer(url: string, home: string): readonly [string, ...string[]] {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const ordinary = process.getuid?.() === 0 ? ['setpriv', ...nobody] : [];
  const output = '#transcode{vcodec=I420}:std{access=file,mux=dummy,dst=-}';
  return [
    ...([...ordinary, 'env', `HOME=${home}`] as unknown as [string, ...string[]]),
    ...['vlc', '--intf', 'dummy', '--quiet', '--no-audio', '--sout', output, url, 'vlc://quit'],
  ];
}
