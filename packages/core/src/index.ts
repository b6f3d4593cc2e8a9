export {
  type CameraControl,
  type ControlSettings,
  readControls,
  setControls,
} from './camera/controls.js';
export { type Camera, findCamera, listCameras } from './camera/list-cameras.js';
export { CamstreamError, hasErrorCode, nativeCall, nativePromise, toCamstreamError } from './errors.js';
export {
  type FrameGeometry,
  frameByteLength,
  type PlaneGeometry,
  packedPlanes,
} from './format/frame-geometry.js';
export {
  type ColourInfo,
  type FrameFlags,
  frameFlags,
  type RingInfo,
  ringInfoOf,
} from './format/frame-info.js';
export {
  fourccOf,
  fourccText,
  isPixelFormat,
  type PixelFormat,
  pixelFormats,
  type RingFormat,
  ringFormatOf,
} from './format/pixel-format.js';
export { type Log, type LogLine, silentLog } from './log.js';
export type * from './native/addon-types.js';
export type * from './native/camera-types.js';
export type * from './native/feeder-types.js';
export { loadCameraAddon, loadRingAddon } from './native/load-addon.js';
export type * from './native/ring-types.js';
export { checkRingName } from './ring/ring-name.js';
export { ringRoots, systemRingRoot, userRingRoot } from './ring/ring-root.js';
