import { cameraNeeds } from './config/camera-needs.js';
import { streamRings } from './config/stream-ring.js';
import { CameraFeed } from './feed/camera-feed.js';
import type { Parts } from './parts.js';

/** Every camera by name, each captured into its ring. */
export type Cameras = ReadonlyMap<string, CameraFeed>;

/** Opens every camera of the configuration. Throws what is wrong with one, or with its ring. */
export async function openCameras({ config, folder, addon, log, teardown }: Parts): Promise<Cameras> {
  const cameras = new Map<string, CameraFeed>();
  const taken = new Set(
    config.cameras.flatMap(({ source }) => (source.kind === 'v4l2' ? [source.path] : [])),
  );
  const derived = [...config.rings, ...streamRings(config).filter(({ from }) => from === undefined)];
  for (const camera of config.cameras) {
    const conversions = derived.filter((ring) => ring.camera === camera.name).length;
    const needs = cameraNeeds(camera.name, config);
    const feed = await CameraFeed.open({ addon, camera, needs, folder, conversions, taken, log });
    cameras.set(camera.name, feed);
    teardown.add(`camera ${camera.name}`, () => feed.close());
  }
  return cameras;
}
