import type { MulticastGroup } from './multicast-group.js';
import type { RtpOutlet } from './rtp-outlet.js';
import type { RtpViewing } from './rtp-viewing.js';
import type { SessionMedia } from './session.js';

/** A viewer's own packets. `closed` gives back what was taken for them. */
export function ownMedia(
  transport: string,
  viewing: RtpViewing,
  outlet: RtpOutlet,
  closed: () => void,
): SessionMedia {
  return {
    transport,
    first: () => viewing.first(),
    start: () => viewing.start(),
    stop: () => viewing.stop(),
    goodbye: () => viewing.goodbye(),
    tick: (nowMs) => viewing.tick(nowMs),
    get lastMovedMs() {
      // Datagrams go whether or not anybody is there.
      return outlet.protocol === 'rtsp-tcp' ? viewing.lastMovedMs : undefined;
    },
    close: () => {
      outlet.close();
      closed();
    },
    delivery: viewing.delivery,
  };
}

/** Those of a group. */
export function groupMedia(transport: string, group: MulticastGroup, ended: () => void): SessionMedia {
  let leave: (() => void) | undefined;
  return {
    transport,
    first: () => group.first(),
    start: () => {
      leave ??= group.join(ended);
    },
    stop: () => {
      leave?.();
      leave = undefined;
    },
    goodbye: () => {}, // The others stay.
    tick: () => {}, // The server ticks each group once.
    lastMovedMs: undefined,
    close: () => {},
    delivery: undefined,
  };
}
