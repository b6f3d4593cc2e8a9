import { codecText } from './config/codec-text.js';
import { warningsOf } from './config/plan.js';
import { LoopWatch } from './log/loop-watch.js';
import { type Cameras, openCameras } from './open-cameras.js';
import { openLoadControl } from './open-load-control.js';
import { type DerivedRings, openRings } from './open-rings.js';
import { openServers, type StreamUrls } from './open-servers.js';
import { openStreams, type RunningStream } from './open-streams.js';
import type { Parts, ProducerOptions } from './parts.js';
import type { Summary } from './summary.js';
import { Teardown } from './teardown.js';

/** The whole service: cameras, rings, encoders and servers, put together here and nowhere else. */
export class Producer {
  private cameras: Cameras = new Map();
  private rings: DerivedRings = { conversions: [], ofStream: new Map() };
  private streams: readonly RunningStream[] = [];
  private urls: StreamUrls = () => [];

  private constructor(
    private readonly options: ProducerOptions,
    private readonly teardown: Teardown,
    /** Rejects when a part that should run for ever has ended with an error. Never resolves. */
    readonly failed: Promise<never>,
  ) {}

  /** Starts everything, in the direction of the data. What fails closes what was open already. */
  static async start(options: ProducerOptions): Promise<Producer> {
    const teardown = new Teardown(options.log);
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => {}); // Whoever waits for it is told; nobody has to.
    const producer = new Producer(options, teardown, failed);
    try {
      await producer.open({ ...options, teardown, fail });
    } catch (error) {
      await producer.stop();
      throw error;
    }
    return producer;
  }

  /** Closes everything in reverse: viewers' streams end properly, rings close. May be called twice. */
  stop(): Promise<void> {
    return this.teardown.run();
  }

  summary(): Summary {
    const { config, folder, version } = this.options;
    const cameras = [...this.cameras.values()];
    return {
      version,
      ringRoot: folder.root,
      cameras: cameras.map(({ name, capture }) => ({ name, description: capture.status().description })),
      rings: [
        ...cameras.map(({ capture }) => capture.info()),
        ...this.rings.conversions.map(({ conversion }) => conversion.info()),
      ],
      streams: this.streams.map(({ stream, encoder, config: { codec } }) => ({
        name: stream.name,
        shape: codecText(codec, encoder.kind),
        urls: this.urls(stream.name),
      })),
      warnings: warningsOf(config),
    };
  }

  private async open(parts: Parts): Promise<void> {
    const watch = new LoopWatch(parts.log);
    parts.teardown.add('event loop watch', () => watch.stop());
    this.cameras = await openCameras(parts);
    this.rings = await openRings(parts, this.cameras);
    const { streams, hardware } = await openStreams(parts, this.cameras, this.rings);
    this.streams = streams;
    const quality = openLoadControl(parts, this.cameras, this.streams);
    this.urls = await openServers(parts, this.streams, {
      version: parts.version,
      cameras: [...this.cameras.values()],
      conversions: this.rings.conversions,
      streams: this.streams,
      h264Encoders: () => hardware.results(),
      loadOf: (stream) => quality.reportOf(stream),
    });
  }
}
