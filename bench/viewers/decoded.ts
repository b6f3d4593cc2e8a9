/**
 * One viewer that decodes and looks at the block code: `decoded.js CLIENT URL WIDTH HEIGHT SECONDS`. CLIENT:
 *
 *   multipart   an HTTP or tcp: URL, read by ourselves, each JPEG decoded by sharp
 *   ffmpeg      the ffmpeg program with a low delay; `ffmpeg-udp`, `-tcp`, `-multicast`: RTSP so transported
 *   gst-udp, gst-tcp, gst-multicast   GStreamer's rtspsrc, without a jitter buffer and without pacing
 *
 * Prints "ready" at the first picture, waits for a line on stdin, and after SECONDS "d SEQUENCE NS" for each
 * picture: the time from its capture until its code was read. Then "end".
 */

import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { connect } from 'node:net';
import { loadCameraAddon } from '@camstream/core';
import sharp from 'sharp';
import { nowNs, say, waitForGo } from '../harness/participant.js';
import { MultipartReader } from './multipart.js';

const [client = '', url = ''] = process.argv.slice(2);
const [width, height, seconds] = process.argv.slice(4).map(Number) as [number, number, number];
const addon = loadCameraAddon();
const found: string[] = [];
let started: () => void = () => {};
const first = new Promise<void>((resolve) => {
  started = resolve;
});

if (client === 'multipart') readMultipart();
else readPipe();
await first;
say('ready');
await waitForGo();
found.length = 0;
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
say([...found, 'end'].join('\n'));
process.exit(0);

/** `gray`: luma of the whole picture. */
function look(gray: Uint8Array): void {
  const code = addon.readBlockCode(gray, { format: 'gray8', width, height });
  if (!code) return; // damaged, or half of it
  found.push(`d ${code.sequence} ${nowNs() - code.capturedAtNs}`);
  started();
}

function readMultipart(): void {
  let busy = false;
  const reader = new MultipartReader(true, ({ picture }) => {
    if (busy) return;
    busy = true;
    sharp(picture)
      .greyscale()
      .raw()
      .toBuffer()
      .then(look)
      .finally(() => {
        busy = false;
      });
  });
  const push = (chunk: Buffer): void => reader.push(chunk);
  const { protocol, hostname, port } = new URL(url);
  if (protocol === 'tcp:') connect(Number(port), hostname).on('data', (chunk) => push(chunk as Buffer));
  else get(url, { agent: false }, (response) => response.on('data', push));
}

// The code is in the upper fifth; the rest would only take time in the pipe.
function readPipe(): void {
  const codeRows = height / 5;
  const gray = new Uint8Array(width * height).fill(0x80);
  const rows = gray.subarray(0, width * codeRows);
  const [program, args] = client.startsWith('gst')
    ? ['gst-launch-1.0', gstreamerArguments()]
    : ['ffmpeg', ffmpegArguments()];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  let filled = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + rows.length - filled);
      rows.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < rows.length) continue;
      filled = 0;
      look(gray);
    }
  });
}

function ffmpegArguments(): string[] {
  const transport = /^ffmpeg-(udp|tcp|multicast)$/.exec(client)?.[1]?.replace('multicast', 'udp_multicast');
  const input =
    transport === undefined ? ['-f', 'mpjpeg'] : ['-rtsp_transport', transport, '-max_delay', '0'];
  return [
    ...['-v', 'error', '-nostdin', '-flags', 'low_delay', '-fflags', 'nobuffer'],
    ...['-probesize', '32', '-analyzeduration', '0', ...input, '-i', url],
    ...['-an', '-vf', 'crop=iw:ih/5:0:0', '-fps_mode', 'passthrough'],
    // One thread: with more, the encoder of raw video keeps a picture back.
    ...['-threads', '1', '-f', 'rawvideo', '-pix_fmt', 'gray', '-flush_packets', '1', 'pipe:1'],
  ];
}

function gstreamerArguments(): string[] {
  const protocols = client.slice(4).replace('multicast', 'udp-mcast');
  return [
    `-q rtspsrc location=${url} protocols=${protocols} latency=0 ! rtph264depay ! avdec_h264 !`,
    `videocrop bottom=${(height / 5) * 4} ! videoconvert ! video/x-raw,format=GRAY8 !`,
    'fdsink fd=1 sync=false',
  ].flatMap((part) => part.split(' '));
}
