export { CamstreamError, hasErrorCode, nativeCall, toCamstreamError } from './errors.js';
export { type FrameGeometry, type PlaneGeometry, frameByteLength, packedPlanes } from './format/frame-geometry.js';
export { type ColourInfo, type FrameFlags, type RingInfo, frameFlags, ringInfoOf } from './format/frame-info.js';
export {
  type PixelFormat,
  fourccOf,
  fourccText,
  isPixelFormat,
  pixelFormatOf,
  pixelFormats,
} from './format/pixel-format.js';
export { type Log, type LogLine, silentLog } from './log.js';
export type * from './native/addon-types.js';
export { loadCameraAddon, loadRingAddon } from './native/load-addon.js';
export { checkRingName } from './ring/ring-name.js';
export { ringRoots, systemRingRoot, userRingRoot } from './ring/ring-root.js';
