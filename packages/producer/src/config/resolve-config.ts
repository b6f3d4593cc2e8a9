import { isAbsolute, join } from 'node:path';
import { CamstreamError, isPixelFormat, pixelFormats } from '@camstream/core';
import type { CameraConfig, Config, PictureConfig, RingConfig, RingPlace, StreamConfig } from './config.js';
import { cameraRingName, defaultRings, defaultStreams } from './default-streams.js';
import type { Finding } from './problem.js';
import { resolveAuth } from './resolve-auth.js';
import { cameraSettings } from './resolve-camera.js';
import { ringPlace, slotsOf, streamSlots, tooManyLeases } from './resolve-ring.js';
import { resolveRtsp } from './resolve-rtsp.js';
import { codecOf, mergeStream, resolveCodec } from './resolve-stream.js';
import type { CameraDocument, ConfigDocument, RingDocument, StreamDocument } from './schema.js';
import { parseSource, type Source, sourceText } from './source.js';
import { unbuiltSettings } from './unbuilt.js';
import { wrongCrop } from './wrong-crop.js';

/** Fills in defaults and checks what single values cannot show: names, references, contradictions. */
export function resolveConfig(
  document: ConfigDocument,
  folder: string,
): { readonly config: Config; readonly problems: readonly Finding[] } {
  return new Resolution(document, folder).resolve();
}

class Resolution {
  private readonly problems: Finding[] = [];
  private readonly cameras: Readonly<Record<string, CameraDocument>>;
  private readonly severalCameras: boolean;

  constructor(
    private readonly document: ConfigDocument,
    private readonly folder: string,
  ) {
    this.cameras = document.cameras ?? { main: {} };
    this.severalCameras = Object.keys(this.cameras).length > 1;
  }

  resolve(): { config: Config; problems: readonly Finding[] } {
    const { document } = this;
    if (Object.keys(this.cameras).length === 0)
      this.problem(['cameras'], 'wanted at least one camera, found none');
    const streams = this.streamDocuments();
    const config: Config = {
      cameras: Object.entries(this.cameras).map(([name, camera]) => this.camera(name, camera)),
      rings: [
        ...this.ringDocuments().map(([name, ring]) => this.ring(['rings', name], name, ring)),
        ...streams.flatMap(([name, stream]) =>
          stream.codec === 'raw' ? [this.ring(['streams', name], name, stream)] : [],
        ),
      ],
      streams: streams.flatMap(([name, stream]) => this.stream(name, stream) ?? []),
      server: {
        host: document.server?.host ?? 'localhost',
        httpPort: document.server?.httpPort ?? 8000,
        rtsp: resolveRtsp(document.server),
        maxConnections: document.server?.maxConnections ?? 256,
        load: {
          enabled: document.server?.load?.enabled ?? true,
          afterMs: document.server?.load?.afterMs ?? 2000,
          calmMs: document.server?.load?.calmMs ?? 10_000,
        },
        auth: resolveAuth(document.server?.auth, this.folder, (path, text) => this.problem(path, text)),
      },
      log: { level: document.log?.level ?? 'info', format: document.log?.format ?? 'text' },
    };
    this.problems.push(...unbuiltSettings(document));
    this.checkNames(config.cameras, streams);
    this.checkPorts(config);
    this.checkCrops(config);
    return { config, problems: this.problems };
  }

  private problem(path: readonly string[], message: string): void {
    this.problems.push({ path, message });
  }

  /** `camera` with one camera, `left-camera` with several. */
  private nameFor(camera: string, name: string): string {
    return this.severalCameras ? `${camera}-${name}` : name;
  }

  private defaultsForEach<T extends { camera?: string | undefined }>(
    defaults: Readonly<Record<string, T>>,
  ): [string, T][] {
    return Object.keys(this.cameras).flatMap((camera) =>
      Object.entries(defaults).map(([name, entry]): [string, T] => [
        this.nameFor(camera, name),
        { ...entry, camera },
      ]),
    );
  }

  /** The entries people wrote, each over the default of its name; without any the defaults themselves. */
  private entries<T extends { camera?: string | undefined }>(
    written: Readonly<Record<string, T>> | undefined,
    defaults: Readonly<Record<string, T>>,
  ): [string, T][] {
    const named = this.defaultsForEach(defaults);
    if (written === undefined) return named;
    return Object.entries(written).map(([name, entry]): [string, T] => {
      const base = named.find(([known]) => known === name)?.[1];
      return [name, { ...base, ...entry }];
    });
  }

  private ringDocuments(): [string, RingDocument][] {
    const cameraRings = new Set(
      Object.keys(this.cameras).map((camera) => this.nameFor(camera, cameraRingName)),
    );
    return this.entries(this.document.rings, defaultRings).filter(([name]) => !cameraRings.has(name));
  }

  private streamDocuments(): [string, StreamDocument][] {
    const written = this.document.streams;
    const defaults = this.defaultsForEach(defaultStreams);
    if (written === undefined) return defaults;
    return Object.entries(written).map(([name, entry]): [string, StreamDocument] => {
      const base = defaults.find(([known]) => known === name)?.[1];
      return [name, mergeStream(base, entry, this.streamProblem(name))];
    });
  }

  private streamProblem(name: string): (key: string, message: string) => void {
    return (key, message) => this.problem(['streams', name, key], message);
  }

  private camera(name: string, camera: CameraDocument): CameraConfig {
    const ringName = this.nameFor(name, cameraRingName);
    this.checkPair(['cameras', name, 'mode'], camera.mode?.width, camera.mode?.height);
    const source = this.source(name, camera.source ?? 'auto');
    if (camera.backend === 'gstreamer' && source.kind !== 'v4l2') {
      this.problem(
        ['cameras', name, 'backend'],
        `gstreamer is for a source /dev/videoN or id:ID, found ${sourceText(source)}; ` +
          'for any pipeline there is the source gst:PIPELINE',
      );
    }
    this.checkFormat(name, camera, source);
    return {
      name,
      source,
      backend: camera.backend ?? 'v4l2',
      ...cameraSettings(camera),
      ring: this.cameraRing(name, ringName),
    };
  }

  /** Only a camera itself has formats beyond those that are known here. */
  private checkFormat(name: string, { mode, backend }: CameraDocument, source: Source): void {
    const { format } = mode ?? {};
    const isDevice = (source.kind === 'v4l2' || source.kind === 'auto') && backend !== 'gstreamer';
    if (format === undefined || isDevice || isPixelFormat(format)) return;
    const who = backend === 'gstreamer' ? 'the backend gstreamer' : `the source ${sourceText(source)}`;
    this.problem(
      ['cameras', name, 'mode', 'format'],
      `wanted one of ${pixelFormats.join(', ')} of ${who}, found "${format}"`,
    );
  }

  private cameraRing(camera: string, name: string): RingPlace {
    const { slots, leaseTimeoutMs, group, camera: named, ...others } = this.document.rings?.[name] ?? {};
    for (const key of Object.keys(others)) {
      this.problem(
        ['rings', name, key],
        `ring "${name}" holds what the camera gives, unconverted; ` +
          `set cameras.${camera}.mode or add another ring`,
      );
    }
    if (named !== undefined && named !== camera) {
      this.problem(
        ['rings', name, 'camera'],
        `ring "${name}" belongs to camera "${camera}", found "${named}"`,
      );
    }
    const place = ringPlace(name, { slots, leaseTimeoutMs, group });
    this.checkLeases(['rings', name], place.slots);
    return place;
  }

  private source(camera: string, text: string): Source {
    try {
      const source = parseSource(text);
      if (source.kind === 'file' && !isAbsolute(source.path))
        return { ...source, path: join(this.folder, source.path) };
      return source;
    } catch (error) {
      if (!(error instanceof CamstreamError)) throw error;
      this.problem(['cameras', camera, 'source'], `${error.code}: ${error.message}`);
      return { kind: 'test' };
    }
  }

  private ring(path: readonly string[], name: string, ring: RingDocument): RingConfig {
    const place = ringPlace(name, ring);
    this.checkLeases(path, place.slots);
    return {
      ...place,
      camera: this.cameraOf(path, ring.camera),
      picture: this.picture(path, ring),
      format: ring.format ?? 'bgr24',
    };
  }

  private stream(name: string, stream: StreamDocument): StreamConfig | undefined {
    const codec = codecOf(stream);
    if (codec === 'raw') return undefined;
    const path = ['streams', name];
    const slots = slotsOf(stream.slots, streamSlots);
    this.checkLeases(path, slots);
    return {
      name,
      camera: this.cameraOf(path, stream.camera),
      picture: this.picture(path, stream),
      codec: resolveCodec(stream, codec, this.streamProblem(name)),
      slots,
      adapt: stream.adapt ?? 'rate',
      warm: stream.warm ?? false,
      port: stream.port,
    };
  }

  private cameraOf(path: readonly string[], camera: string | undefined): string {
    const known = Object.keys(this.cameras);
    if (camera !== undefined && Object.hasOwn(this.cameras, camera)) return camera;
    if (camera === undefined && !this.severalCameras) return known[0] ?? '';
    this.problem([...path, 'camera'], `wanted one of ${known.join(', ')}, found ${camera ?? 'nothing'}`);
    return '';
  }

  private picture(path: readonly string[], entry: RingDocument | StreamDocument): PictureConfig {
    this.checkPair(path, entry.width, entry.height);
    return {
      width: entry.width ?? 0,
      height: entry.height ?? 0,
      rate: entry.rate ?? 0,
      fit: entry.fit ?? 'contain',
      crop: entry.crop,
      mirror: entry.mirror ?? false,
      rotate: entry.rotate ?? 0,
    };
  }

  private checkLeases(path: readonly string[], slots: RingPlace['slots']): void {
    const message = tooManyLeases(slots);
    if (message !== undefined) this.problem([...path, 'slots'], message);
  }

  private checkPair(path: readonly string[], width: number | undefined, height: number | undefined): void {
    if ((width === undefined) === (height === undefined)) return;
    const missing = width === undefined ? 'width' : 'height';
    this.problem([...path, missing], 'width and height go together, found only the other');
  }

  /** A stream's pictures come through a ring of the stream's name: all names share one folder. */
  private checkNames(cameras: Config['cameras'], streams: readonly [string, StreamDocument][]): void {
    const taken = new Map<string, string>();
    for (const { ring } of cameras) taken.set(ring.name, `the ring of camera frames "${ring.name}"`);
    for (const [name] of this.ringDocuments()) taken.set(name, `the ring "${name}"`);
    for (const [name] of streams) {
      const other = taken.get(name);
      if (other !== undefined)
        this.problem(['streams', name], `needs a ring of its own name, which is taken by ${other}`);
    }
  }

  private checkCrops({ cameras, rings, streams }: Config): void {
    const ofStreams = new Set(Object.keys(this.document.streams ?? {}));
    for (const { name, camera: named, picture } of [...rings, ...streams]) {
      const camera = cameras.find(({ name }) => name === named);
      const message = picture.crop && camera && wrongCrop(picture.crop, camera);
      if (message) this.problem([ofStreams.has(name) ? 'streams' : 'rings', name, 'crop'], message);
    }
  }

  private checkPorts({ streams, server }: Config): void {
    for (const { name, port } of streams) {
      if (port !== undefined && port !== 0 && port === server.httpPort) {
        this.problem(['streams', name, 'port'], `wanted a port of its own, found server.httpPort (${port})`);
      }
    }
  }
}
