import { streamRings } from './config/stream-ring.js';
import type { CameraFeed } from './feed/camera-feed.js';
import { ConversionFeed, type ConversionFeedOptions } from './feed/conversion-feed.js';
import { DemandedRing } from './feed/demanded-ring.js';
import type { Cameras } from './open-cameras.js';
import type { Parts } from './parts.js';

/** Every ring that is made from a camera's. */
export interface DerivedRings {
  readonly conversions: readonly ConversionFeed[];
  /** By stream: the ring that its encoder reads. */
  readonly ofStream: ReadonlyMap<string, DemandedRing>;
}

/** Opens the configured rings, which are always filled, and those that streams are encoded from. */
export async function openRings(parts: Parts, cameras: Cameras): Promise<DerivedRings> {
  const { config, folder, addon, log, teardown } = parts;
  const conversions: ConversionFeed[] = [];
  const open = async (wanted: Omit<ConversionFeedOptions, 'addon' | 'folder' | 'log'>) => {
    const feed = await ConversionFeed.open({ ...wanted, addon, folder, log });
    teardown.add(`ring ${feed.name}`, () => feed.close());
    conversions.push(feed);
    return feed;
  };
  for (const ring of config.rings) {
    const { capture } = cameraOf(cameras, ring.camera);
    await open({ from: capture, place: ring, picture: ring.picture, format: ring.format });
  }
  const made = new Map<string, DemandedRing>();
  const ofStream = new Map<string, DemandedRing>();
  for (const { place, camera, picture, format, from, streams, localLeases } of streamRings(config)) {
    const source = from === undefined ? undefined : made.get(from);
    const native = source?.feed.conversion ?? cameraOf(cameras, camera).capture;
    const feed = await open({ from: native, place, picture, format, localLeases });
    // What is made from another ring shows that one's notice.
    if (!source) cameraOf(cameras, camera).notice.follow((text) => feed.conversion.setNotice(text));
    const ring = new DemandedRing(feed, source, log);
    teardown.add(`demand of ring ${place.name}`, () => ring.stop());
    made.set(place.name, ring);
    for (const stream of streams) ofStream.set(stream, ring);
  }
  return { conversions, ofStream };
}

function cameraOf(cameras: Cameras, name: string): CameraFeed {
  const camera = cameras.get(name);
  if (camera === undefined) throw new Error(`camera "${name}" was checked by the configuration`);
  return camera;
}
