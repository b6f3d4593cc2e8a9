import { connect, type RingReader } from '@camstream/consumer';
import sharp, { type ChannelStats } from 'sharp';
import type { Test } from 'tap';
import { MjpegViewer, type ViewedPicture } from '../support/mjpeg-viewer.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

/** A service with one camera of 320x180, both kinds of consumers attached to it. */
export async function startAttached(t: Test, source: string, mode = '') {
  const service = await Service.start(t, {
    config: `
cameras: { web: { source: ${source}, mode: { width: 320, height: 180${mode} } } }
rings: {}
streams: { low: { width: 320, height: 180, rate: 10, port: 0 } }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`,
  });
  process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
  const viewer = await Watcher.open(t, service.urls('low')[0]);
  const raw = await RawReader.open(t, 'camera');
  return { service, viewer, raw };
}

/** A viewer that never lets go, and judges what it sees. */
export class Watcher {
  private latest: ViewedPicture | undefined;
  private ended = false;

  private constructor(viewer: MjpegViewer) {
    this.watch(viewer).catch(() => {}); // it ends with the service
  }

  static async open(t: Test, url = ''): Promise<Watcher> {
    const viewer = await MjpegViewer.open(url);
    t.teardown(() => viewer.close());
    return new Watcher(viewer);
  }

  /** Waits for a picture of the camera that was taken after now. */
  picture(): Promise<boolean> {
    return this.next('a picture', isColourful);
  }

  /** Waits for a notice, made after now. */
  notice(): Promise<boolean> {
    return this.next('a notice', (channels) => !isColourful(channels));
  }

  /** Waits for a red picture: a camera told to send nothing else. */
  red(): Promise<boolean> {
    return this.next('a red picture', ([red, green, blue]) => {
      return red !== undefined && red.mean > 100 && (green?.mean ?? 0) < 60 && (blue?.mean ?? 0) < 60;
    });
  }

  private async next(what: string, wanted: (channels: readonly ChannelStats[]) => boolean): Promise<boolean> {
    const since = process.hrtime.bigint();
    return until(what, async () => {
      if (this.ended) throw new Error('the stream has ended');
      const { latest } = this;
      if (!latest || latest.capturedAtNs <= since) return false;
      return wanted((await sharp(latest.data).stats()).channels);
    });
  }

  private async watch(viewer: MjpegViewer): Promise<void> {
    try {
      for await (const picture of viewer.pictures()) this.latest = picture;
    } finally {
      this.ended = true;
    }
  }
}

/** vivid's bars are, a notice is grey. */
function isColourful(channels: readonly ChannelStats[]): boolean {
  const means = channels.map(({ mean }) => mean);
  return channels.some(({ stdev }) => stdev > 60) || Math.max(...means) - Math.min(...means) > 8;
}

/** A reader of raw frames that never lets go. */
export class RawReader {
  private count = 0;
  private seen = '';

  private constructor(private readonly reader: RingReader) {
    void this.read();
  }

  static async open(t: Test, ring: string): Promise<RawReader> {
    const reader = await connect(ring, { timeoutMs: 60_000 });
    t.teardown(() => reader.close());
    return new RawReader(reader);
  }

  /** Waits for so many frames more, the last of them of that size ('1280x720'), if one is given. */
  async next(frames: number, size?: string): Promise<void> {
    const wanted = this.count + frames;
    const what = `${frames} frames of ${this.reader.info.name}${size ? `, ${size}` : ''}`;
    await until(what, () => this.count >= wanted && (size === undefined || this.seen === size));
  }

  private async read(): Promise<void> {
    for await (const frame of this.reader.frames()) {
      this.count += 1;
      this.seen = `${frame.width}x${frame.height}`;
      frame.release();
    }
  }
}
