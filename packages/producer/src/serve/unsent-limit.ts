import type { Socket } from 'node:net';

/** Lets the kernel keep only so much unsent of a socket; see the camera addon. */
export type LimitUnsent = (fd: number, bytes: number) => boolean;

/** A narrow line gets through it in a moment; a wide one asks for more in time. */
const mostUnsentBytes = 32 * 1024;

/**
 * Keeps the kernel from taking megabytes that a narrow line needs half a minute for: a viewer would be that
 * late before anything could be dropped. False: it could not be done, and then the viewer may get late.
 */
export function keepUnsentShort(socket: Socket, limit: LimitUnsent): boolean {
  // Node has no other way to a socket's options than its handle, which has no type of its own.
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 && limit(handle.fd, mostUnsentBytes);
}
