import { userInfo } from 'node:os';

/** The folder of a system service's rings. */
export const systemRingRoot = '/dev/shm/camstream';

/** The folder of the rings that this user's own producer makes. */
export function userRingRoot(): string {
  return `/dev/shm/camstream-${process.getuid?.() ?? userInfo().uid}`;
}

/**
 * Where a reader looks, in this order: the user's own rings, then the system's. The environment
 * variable CAMSTREAM_RING_ROOT puts one folder in their place.
 */
export function ringRoots(): readonly string[] {
  const override = process.env.CAMSTREAM_RING_ROOT;
  return override ? [override] : [userRingRoot(), systemRingRoot];
}
