/**
 * The specification's option 2: one ffmpeg with three outputs (it has no raw one). What was changed is in
 * bench/README.md.
 */

import { BackgroundProcess } from '../harness/background-process.js';
import { freePort } from '../harness/free-port.js';
import { type RunningVideoService, SETTINGS, type VideoService } from '../harness/video-service.js';
import { startRelay } from './camera-and-relay.js';

/** As the specification has it; raw pictures from a file in memory instead of a camera. */
export const option2: VideoService = {
  name: 'option 2, ffmpeg',
  how: "the specification's command with the fewest changes, three outputs, and the same RTSP server",
  start,
};

/** ffmpeg's arguments that read the pictures at 60 a second. */
export function ffmpegInput(pictures: string): string[] {
  const shape = [
    '-f',
    'rawvideo',
    '-pixel_format',
    'yuyv422',
    '-framerate',
    '60',
    '-video_size',
    '1920x1080',
  ];
  return ['-hide_banner', '-nostdin', '-re', '-stream_loop', '-1', ...shape, '-i', pictures];
}

async function start(_folder: string, pictures: string): Promise<RunningVideoService> {
  const [medium, low] = [await freePort(), await freePort()];
  const relay = await startRelay();
  const { preset, bitrateKbps, keyInterval, ffmpegQuality } = SETTINGS;
  const jpeg = (size: string, rate: string, port: number): string[] => [
    ...['-map', '0:v', '-c:v', 'mjpeg', '-q:v', `${ffmpegQuality}`, '-pix_fmt', 'yuvj420p'],
    ...['-s', size, '-r', rate, '-f', 'mpjpeg', `tcp://127.0.0.1:${port}?listen=1`],
  ];
  const service = new BackgroundProcess('option 2', {
    file: 'ffmpeg',
    args: [
      ...ffmpegInput(pictures),
      ...['-map', '0:v', '-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
      ...['-b:v', `${bitrateKbps}k`, '-g', `${keyInterval}`, '-s', '1920x1080', '-r', '30'],
      ...['-f', 'rtsp', '-rtsp_transport', 'tcp', relay.publish],
      ...jpeg('1280x720', '30', medium),
      ...jpeg('640x480', '15', low),
    ],
  });
  await service.says(/Input #0/);
  return {
    pids: [service.pid, relay.process.pid],
    // In this order: ffmpeg waits for the viewer of one output before it opens the next.
    addresses: {
      medium: { kind: 'tcp', port: medium },
      low: { kind: 'tcp', port: low },
      high: { kind: 'rtsp', url: relay.play },
    },
    async stop() {
      for (const each of [service, relay.process]) {
        each.check();
        await each.stop();
      }
    },
  };
}
