import { nativePromise } from '../errors.js';
import type { NativeControl } from '../native/camera-types.js';
import { loadCameraAddon } from '../native/load-addon.js';

/** A control of a camera: brightness, exposure, focus ... */
export type CameraControl = NativeControl;

/** Control names with a number, a switch, or the name of a menu's entry. */
export type ControlSettings = Readonly<Record<string, number | boolean | string>>;

/** The controls of a device ("/dev/video0"), also while somebody streams from it. Throws DEVICE_*. */
export function readControls(device: string): Promise<readonly CameraControl[]> {
  return setControls(device, {});
}

/**
 * Sets controls, automatics before what depends on them, and stops at the first that cannot be set. Resolves
 * to all controls as they are then. Throws CONTROL_UNKNOWN, CONTROL_RANGE, CONTROL_READ_ONLY, CONTROL_SYSTEM,
 * CONTROL_LOCKED (not while it streams), CONTROL_INACTIVE (names what to switch first), DEVICE_*.
 */
export function setControls(device: string, settings: ControlSettings): Promise<readonly CameraControl[]> {
  return nativePromise(loadCameraAddon().cameraControls(device, settings));
}
