import {
  type CameraAddon,
  type Log,
  type NativeCapture,
  type NativeConversion,
  type PixelFormat,
  toCamstreamError,
} from '@camstream/core';
import type { PictureConfig, RingPlace } from '../config/config.js';
import { pictureSize } from '../config/picture-size.js';
import type { RingFolder } from '../config/ring-place.js';
import { LoopEvents, type LoopState } from './loop-events.js';
import { ringOptions } from './ring-options.js';
import type { Visits } from './visits.js';

/** What a derived ring is made from. */
export interface ConversionFeedOptions {
  readonly addon: CameraAddon;
  /** Whose ring it reads. */
  readonly from: NativeCapture | NativeConversion;
  readonly place: RingPlace;
  readonly picture: PictureConfig;
  readonly format: PixelFormat;
  /** Readers inside the producer, beside those of other processes. */
  readonly localLeases?: number;
  readonly folder: RingFolder;
  readonly log: Log;
}

/** A derived ring that is being filled. */
export class ConversionFeed {
  private constructor(
    readonly name: string,
    readonly conversion: NativeConversion,
    private readonly events: LoopEvents,
  ) {}

  /** Throws what is wrong with the conversion or its ring. */
  static async open(options: ConversionFeedOptions) {
    const { addon, from, place, picture, format, localLeases = 0, folder, log } = options;
    const events = new LoopEvents(`ring ${place.name}`, log);
    const { width, height } = pictureSize(picture, from.info());
    const { fit, rate, crop, mirror, rotate } = picture;
    const conversion = { width, height, fit, format, rate, mirror, rotate, ...(crop ? { crop } : {}) };
    try {
      const started = await addon.startConversion(
        from,
        conversion,
        ringOptions(place, folder, localLeases),
        events.take,
      );
      return new ConversionFeed(place.name, started, events);
    } catch (error) {
      throw toCamstreamError(error);
    }
  }

  get state(): LoopState {
    return this.events.state;
  }

  /** Its readers in other processes. */
  get visits(): Visits {
    return this.events.visits;
  }

  close(): Promise<void> {
    return this.conversion.close();
  }
}
