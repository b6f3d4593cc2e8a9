import type { CameraAddon, Log } from '@camstream/core';
import type { Config } from './config/config.js';
import type { RingFolder } from './config/ring-place.js';
import type { Teardown } from './teardown.js';

/** A viewer that takes not one byte for this long is disconnected. */
export const stuckMs = 30_000;

/** What the service runs with. */
export interface ProducerOptions {
  readonly config: Config;
  readonly folder: RingFolder;
  readonly addon: CameraAddon;
  readonly log: Log;
  readonly version: string;
}

/** What each part of the service is opened with. */
export interface Parts extends ProducerOptions {
  /** What is opened is closed by. */
  readonly teardown: Teardown;
  /** Told when something that should run for ever has ended with an error. */
  readonly fail: (error: unknown) => void;
}
