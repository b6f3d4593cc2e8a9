import { systemRingRoot, userRingRoot } from '@camstream/core';

/** Where this process makes its rings, and for whom. */
export interface RingFolder {
  readonly root: string;
  /** A system service: folder 0750, file 0640, socket 0660, readable by a group. Else for the user alone. */
  readonly system: boolean;
  /** Group of rings that name none; '' leaves it as it is. */
  readonly group: string;
}

/** What the choice depends on. */
export interface RingFolderChoice {
  /** --ring-root or CAMSTREAM_RING_ROOT. */
  readonly wanted: string | undefined;
  readonly uid: number;
}

/**
 * Root, and whoever names /dev/shm/camstream (the systemd unit does), run a system service. Everybody else
 * has rings of their own.
 */
export function chooseRingFolder({ wanted, uid }: RingFolderChoice): RingFolder {
  const root = wanted ?? (uid === 0 ? systemRingRoot : userRingRoot());
  const system = uid === 0 || root === systemRingRoot;
  return { root, system, group: system ? 'video' : '' };
}

/** The choice for this process. */
export function ringFolderOfProcess(wanted: string | undefined): RingFolder {
  return chooseRingFolder({ wanted, uid: process.getuid?.() ?? 0 });
}
