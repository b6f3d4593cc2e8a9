import type { RingDocument, StreamDocument } from './schema.js';

// What every camera gets when the configuration says nothing of rings or streams. An entry that
// people write under one of these names starts from its values.

/** The ring of a camera's own frames. */
export const cameraRingName = 'camera';

/** Rings beside the camera's own. */
export const defaultRings: Readonly<Record<string, RingDocument>> = {
  analysis: { width: 1920, height: 1080, rate: 30, format: 'bgr24' },
};

/** Encoded streams. */
export const defaultStreams: Readonly<Record<string, StreamDocument>> = {
  high: { width: 1920, height: 1080, rate: 30, codec: 'h264' },
  medium: { width: 1280, height: 720, rate: 30, codec: 'mjpeg', port: 8001 },
  low: { width: 640, height: 480, rate: 15, codec: 'mjpeg', port: 8002 },
};
