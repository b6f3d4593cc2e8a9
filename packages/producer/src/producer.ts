import type { CameraAddon, Log, NativeRingInfo } from '@camstream/core';
import { listenAddresses } from './config/addresses.js';
import type { Config } from './config/config.js';
import { warningsOf } from './config/plan.js';
import type { RingFolder } from './config/ring-place.js';
import { isServed, type ServedStream, streamPlace } from './config/stream-ring.js';
import { runEncodeLoop } from './encode/encode-loop.js';
import { CameraFeed } from './feed/camera-feed.js';
import { ConversionFeed } from './feed/conversion-feed.js';
import { Demand } from './feed/demand.js';
import { openFrameFeed } from './feed/frame-feed.js';
import { LoopWatch } from './log/loop-watch.js';
import { Authenticator } from './serve/auth/authenticator.js';
import { Gate } from './serve/auth/gate.js';
import { healthRoute } from './serve/http/health.js';
import { HttpServer } from './serve/http/http-server.js';
import { type Routes, serveRoutes } from './serve/http/routes.js';
import { mjpegRoute } from './serve/mjpeg/from-stream.js';
import { MjpegServer } from './serve/mjpeg/server.js';
import { snapshotRoute } from './serve/mjpeg/snapshot.js';
import { jpegSource } from './serve/rtsp/from-stream.js';
import { RtspServer } from './serve/rtsp/server.js';
import { Stream } from './stream/stream.js';
import { rtspUrlOf, type Summary, urlOf } from './summary.js';
import { Teardown } from './teardown.js';
import type { JpegUnit } from './unit/unit.js';

/** A viewer that takes not one byte for this long is disconnected. */
const stuckMs = 30_000;

/** What the service runs with. */
export interface ProducerOptions {
  readonly config: Config;
  readonly folder: RingFolder;
  readonly addon: CameraAddon;
  readonly log: Log;
  readonly version: string;
}

/** The whole service: cameras, rings, encoders and servers, put together here and nowhere else. */
export class Producer {
  private readonly teardown: Teardown;
  private readonly cameras = new Map<string, CameraFeed>();
  private readonly conversions: ConversionFeed[] = [];
  private readonly streams: { readonly stream: Stream<JpegUnit>; readonly config: ServedStream }[] = [];
  private urls: (stream: string) => readonly string[] = () => [];
  private reportFailure: (error: unknown) => void = () => {};

  /** Rejects when a part that should run for ever has ended with an error. Never resolves. */
  readonly failed = new Promise<never>((_, reject) => {
    this.reportFailure = reject;
  });

  private constructor(private readonly options: ProducerOptions) {
    this.teardown = new Teardown(options.log);
    this.failed.catch(() => {}); // Whoever waits for it is told; nobody has to.
  }

  /** Starts everything, in the direction of the data. What fails closes what was open already. */
  static async start(options: ProducerOptions): Promise<Producer> {
    const producer = new Producer(options);
    try {
      await producer.openCameras();
      await producer.openRings();
      await producer.openStreams();
      await producer.openServers();
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
    return {
      version,
      ringRoot: folder.root,
      cameras: [...this.cameras.values()].map(({ name, capture }) => ({
        name,
        description: capture.status().description,
      })),
      rings: this.ringInfos(),
      streams: this.streams.map(({ stream, config: { codec } }) => ({
        name: stream.name,
        shape: `MJPEG, quality ${codec.quality}`,
        urls: this.urls(stream.name),
      })),
      warnings: warningsOf(config),
    };
  }

  private async openCameras(): Promise<void> {
    const { config, folder, addon, log } = this.options;
    const watch = new LoopWatch(log);
    this.teardown.add('event loop watch', () => watch.stop());
    const taken = new Set(
      config.cameras.flatMap(({ source }) => (source.kind === 'v4l2' ? [source.path] : [])),
    );
    for (const camera of config.cameras) {
      const derived = [...config.rings, ...config.streams.filter(isServed)];
      const conversions = derived.filter((entry) => entry.camera === camera.name).length;
      const feed = await CameraFeed.open({ addon, camera, folder, conversions, taken, log });
      if (feed.source.kind === 'v4l2') taken.add(feed.source.path);
      this.cameras.set(camera.name, feed);
      this.teardown.add(`camera ${camera.name}`, () => feed.close());
    }
  }

  private async openRings(): Promise<void> {
    for (const ring of this.options.config.rings) {
      await this.openConversion({
        camera: ring.camera,
        place: ring,
        picture: ring.picture,
        format: ring.format,
      });
    }
  }

  private async openStreams(): Promise<void> {
    const { config, log } = this.options;
    for (const entry of config.streams.filter(isServed)) {
      const { name, camera, picture, codec } = entry;
      const place = streamPlace(name);
      const { conversion } = await this.openConversion({ camera, place, picture, format: 'rgb24' });
      conversion.setActive(false);
      const frames = await openFrameFeed(name);
      const demand = new Demand((on) => {
        conversion.setActive(on);
        if (!on) stream.forget();
        log.info({ stream: name }, on ? 'stream watched' : 'stream paused: nobody watches');
      });
      const stream: Stream<JpegUnit> = new Stream<JpegUnit>(name, demand);
      const encoding = runEncodeLoop({
        name,
        frames: frames.frames(),
        quality: codec.quality,
        wantedSinceNs: () => demand.sinceNs,
        publish: (unit) => stream.publish(unit),
        log,
      });
      encoding.catch(this.reportFailure);
      this.teardown.add(`stream ${name}`, async () => {
        demand.stop();
        frames.close();
        await encoding;
      });
      this.streams.push({ stream, config: entry });
    }
  }

  private async openServers(): Promise<void> {
    const { config, log } = this.options;
    const { host, httpPort, rtsp, maxConnections, auth } = config.server;
    const authenticator = auth && new Authenticator(auth);
    const gate = new Gate(authenticator, log);
    const options = { addresses: listenAddresses(host), maxConnections, log, stuckMs, gate };
    const ports = this.streams.flatMap(({ stream, config: { port } }) =>
      port === undefined ? [] : [{ stream, port }],
    );
    const mjpeg = await MjpegServer.listen(ports, options);
    this.teardown.add('MJPEG ports', () => mjpeg.close());
    const handler = serveRoutes(this.routes(), { gate, open: ['/health'] });
    const http = await HttpServer.listen({ ...options, port: httpPort }, handler);
    this.teardown.add('HTTP port', () => http.close());
    const sources = this.streams.map(({ stream, config: { picture } }) =>
      jpegSource(stream, picture.rate, log),
    );
    const rtspServer = await RtspServer.listen(sources, { ...options, rtsp, authenticator });
    this.teardown.add('RTSP ports', () => rtspServer.close());
    // Last opened, first closed: viewers get their stream's end before the sockets go.
    this.teardown.add('viewers', () => {
      for (const { stream } of this.streams) stream.end();
    });
    this.urls = (name) => [
      ...mjpeg.places
        .filter(({ stream }) => stream === name)
        .map(({ port, path }) => urlOf(host, port, path)),
      urlOf(host, http.port, `/mjpeg/${name}`),
      urlOf(host, http.port, `/snapshot/${name}.jpg`),
      rtspUrlOf(host, rtspServer.ports.rtsp, name),
    ];
  }

  private routes(): Routes {
    const options = { log: this.options.log, stuckMs };
    return new Map([
      ['/health', healthRoute(() => ({ reasons: this.unhealthyReasons() }))],
      ...this.streams.flatMap(({ stream }) => [
        [`/mjpeg/${stream.name}`, mjpegRoute(stream, options)] as const,
        [`/snapshot/${stream.name}.jpg`, snapshotRoute(stream)] as const,
      ]),
    ]);
  }

  private unhealthyReasons(): string[] {
    const cameras = [...this.cameras.values()].map(({ name, state }) => ({ who: `camera ${name}`, state }));
    const rings = this.conversions.map(({ name, state }) => ({ who: `ring ${name}`, state }));
    return [...cameras, ...rings].flatMap(({ who, state }) => {
      if (state.kind === 'live') return [];
      return [state.kind === 'stalled' ? `${who}: no frames` : `${who}: ${state.code}: ${state.message}`];
    });
  }

  private async openConversion(
    wanted: Pick<Parameters<typeof ConversionFeed.open>[0], 'place' | 'picture' | 'format'> & {
      camera: string;
    },
  ): Promise<ConversionFeed> {
    const { folder, addon, log } = this.options;
    const camera = this.cameras.get(wanted.camera);
    if (camera === undefined) throw new Error(`camera "${wanted.camera}" was checked by the configuration`);
    const feed = await ConversionFeed.open({ ...wanted, addon, camera, folder, log });
    this.teardown.add(`ring ${feed.name}`, () => feed.close());
    this.conversions.push(feed);
    return feed;
  }

  private ringInfos(): NativeRingInfo[] {
    const captures = [...this.cameras.values()].map(({ capture }) => capture.info());
    return [...captures, ...this.conversions.map(({ conversion }) => conversion.info())];
  }
}
