import type { NativeCamera, NativeNeeds } from '../native/camera-types.js';
import { loadCameraAddon } from '../native/load-addon.js';

/** A camera of this machine. */
export type Camera = NativeCamera;

/**
 * The cameras of this machine in the order of their numbers; what gives no pictures (metadata, outputs,
 * codecs) is left out. Also those that another program streams from: looking disturbs nobody. `needs`: a size
 * and rate that shall be among the modes of a camera that offers ranges.
 */
export async function listCameras(needs?: NativeNeeds): Promise<readonly Camera[]> {
  return loadCameraAddon().listCameras(needs);
}

/** The camera that is meant by a node (`/dev/video0`) or a stable id. */
export async function findCamera(device: string): Promise<Camera | undefined> {
  return (await listCameras()).find(({ path, id }) => path === device || id === device);
}
