import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NativeDecoderProgram } from '@camstream/core';

/** Where a machine shows its devices. */
export interface DeviceFolders {
  readonly dev: string;
  readonly sys: string;
}

/**
 * The programs that may have a camera's JPEG decoded by hardware here, the best first: those for which there
 * is a device. Whether one works is found out by having it decode a picture, when a camera first needs it.
 */
export function jpegDecoders(
  { dev, sys }: DeviceFolders = { dev: '/dev', sys: '/sys' },
): NativeDecoderProgram[] {
  const render = namesIn(join(dev, 'dri')).filter((name) => /^renderD\d+$/.test(name));
  const node = join(dev, 'dri', render[0] ?? '');
  return [
    ...(render.length > 0 ? [vaapi(node), qsv(node)] : []),
    ...(existsSync(join(dev, 'nvidiactl')) ? [cuvid] : []),
    ...(hasMemoryToMemoryDecoder(sys) ? [v4l2] : []),
  ];
}

// Frames stay in the graphics memory until hwdownload, which refuses those that software has decoded: ffmpeg
// falls back to that by itself, and a probe would never fail.
function vaapi(node: string): NativeDecoderProgram {
  const hardware = ['-hwaccel', 'vaapi', '-hwaccel_device', node, '-hwaccel_output_format', 'vaapi'];
  return ffmpeg('vaapi', hardware, 'scale_vaapi=format=nv12,hwdownload,format=nv12');
}

function qsv(node: string): NativeDecoderProgram {
  const hardware = ['-hwaccel', 'qsv', '-qsv_device', node, '-hwaccel_output_format', 'qsv'];
  return ffmpeg('qsv', [...hardware, '-c:v', 'mjpeg_qsv'], 'vpp_qsv=format=nv12,hwdownload,format=nv12');
}

const cuvid = ffmpeg('cuvid', ['-c:v', 'mjpeg_cuvid'], 'format=nv12');

const v4l2: NativeDecoderProgram = {
  name: 'v4l2jpegdec',
  argv: [
    ...['gst-launch-1.0', '-q', 'fdsrc', '!', 'jpegparse', '!', 'v4l2jpegdec', '!', 'videoconvert', '!'],
    ...['video/x-raw,format=I420,width={width},height={height}', '!', 'fdsink'],
  ],
  framing: 'none',
};

/** An ffmpeg that gives each picture back before it has the next: nothing probes, waits or has threads. */
function ffmpeg(name: string, hardware: readonly string[], filter: string): NativeDecoderProgram {
  const input = ['-probesize', '32', '-fpsprobesize', '0', '-threads', '1', '-f', 'nut', '-i', 'pipe:0'];
  const toI420 = `${filter},scale=in_range=full:out_range=full:flags=area,format=yuv420p`;
  const output = ['-fps_mode', 'passthrough', '-vf', toI420, '-threads', '1', '-flush_packets', '1'];
  return {
    name,
    argv: ['ffmpeg', '-nostdin', '-v', 'error', ...hardware, ...input, ...output, '-f', 'rawvideo', 'pipe:1'],
    framing: 'nut',
  };
}

/** A codec of the kernel (bcm2835, hantro, s5p-jpeg, mtk-jpeg): its nodes say so in their name. */
function hasMemoryToMemoryDecoder(sys: string): boolean {
  const folder = join(sys, 'class', 'video4linux');
  return namesIn(folder).some((node) => {
    try {
      return /jpeg|codec|-dec\b/i.test(readFileSync(join(folder, node, 'name'), 'utf8'));
    } catch {
      return false; // unplugged meanwhile
    }
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
