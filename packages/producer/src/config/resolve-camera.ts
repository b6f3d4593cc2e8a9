import type { CameraConfig } from './config.js';
import type { CameraDocument } from './schema.js';

/** What a camera is opened with, its source and ring apart, with the defaults filled in. */
export function cameraSettings(
  camera: CameraDocument,
): Pick<CameraConfig, 'mode' | 'buffers' | 'controls' | 'stallMs' | 'jpegDecoder' | 'h264'> {
  const { width = 0, height = 0, rate = 0, format = '', input, standard = '' } = camera.mode ?? {};
  return {
    mode: { width, height, rate, format, input, standard },
    buffers: { count: camera.buffers?.count ?? 0, io: camera.buffers?.io ?? 'auto' },
    controls: camera.controls ?? {},
    stallMs: camera.stallMs ?? 0,
    jpegDecoder: camera.jpegDecoder ?? 'auto',
    h264: camera.h264 ?? 'auto',
  };
}
