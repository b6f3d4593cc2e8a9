import type { Log } from '@camstream/core';
import type { WallClock } from '../../unit/timestamp.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { RtpSource } from './from-stream.js';
import type { MulticastGroup } from './multicast-group.js';
import type { RtspSession } from './session.js';

/** One stream as it can be reached by RTSP. */
export interface RtspPlace {
  readonly source: RtpSource;
  /** Undefined: multicast is switched off. */
  readonly group: MulticastGroup | undefined;
}

/** What all connections of the server share. */
export interface RtspSite {
  readonly places: ReadonlyMap<string, RtspPlace>;
  readonly sessions: Map<string, RtspSession>;
  readonly mostSessions: number;
  readonly sessionTimeoutMs: number;
  readonly authenticator: Authenticator | undefined;
  /** Answers to a wrong password wait for so long: guessing shall be slow. */
  readonly refusalDelayMs: number;
  readonly clock: WallClock;
  readonly log: Log;
  /** Of this run of the service, for session descriptions. */
  readonly runId: string;
}
