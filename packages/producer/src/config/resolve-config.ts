import { isAbsolute, join } from 'node:path';
import { CamstreamError } from '@camstream/core';
import type {
  CameraConfig,
  CodecConfig,
  Config,
  PictureConfig,
  RingConfig,
  RingPlace,
  StreamConfig,
} from './config.js';
import { cameraRingName, defaultRings, defaultStreams } from './default-streams.js';
import type { CameraDocument, ConfigDocument, RingDocument, StreamDocument } from './schema.js';
import { parseSource, type Source } from './source.js';

interface Finding {
  readonly path: readonly string[];
  readonly message: string;
}

/** Fills in defaults and checks what single values cannot show: names, references, contradictions. */
export function resolveConfig(
  document: ConfigDocument,
  folder: string,
): { readonly config: Config; readonly problems: readonly Finding[] } {
  return new Resolution(document, folder).resolve();
}

const defaultSlots = { readers: 12, hold: 1 };
const maxLeases = 256;

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
    const config: Config = {
      cameras: Object.entries(this.cameras).map(([name, camera]) => this.camera(name, camera)),
      rings: this.ringDocuments().map(([name, ring]) => this.ring(name, ring)),
      streams: this.streamDocuments().map(([name, stream]) => this.stream(name, stream)),
      server: {
        host: document.server?.host ?? 'localhost',
        httpPort: document.server?.httpPort ?? 8000,
        maxConnections: document.server?.maxConnections ?? 256,
      },
      log: { level: document.log?.level ?? 'info', format: document.log?.format ?? 'text' },
    };
    this.checkUnbuilt();
    this.checkNames(config);
    this.checkPorts(config);
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
    return this.entries(this.document.streams, defaultStreams).map(([name, entry]) => {
      if (entry.codec === 'h264') return [name, entry];
      const { bitrateKbps, latency, encoder, ...mjpeg } = entry;
      for (const [key, value] of Object.entries({ bitrateKbps, latency, encoder })) {
        if (value !== undefined)
          this.problem(['streams', name, key], 'belongs to codec h264; mjpeg has quality');
      }
      return [name, mjpeg];
    });
  }

  private camera(name: string, camera: CameraDocument): CameraConfig {
    const ringName = this.nameFor(name, cameraRingName);
    const { width, height, rate, format } = camera.mode ?? {};
    this.checkPair(['cameras', name, 'mode'], width, height);
    return {
      name,
      source: this.source(name, camera.source ?? 'auto'),
      mode: { width: width ?? 0, height: height ?? 0, rate: rate ?? 0, format: format ?? '' },
      buffers: { count: camera.buffers?.count ?? 0, io: camera.buffers?.io ?? 'auto' },
      ring: this.cameraRing(name, ringName),
    };
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
    this.checkLeases(name, { slots });
    if (named !== undefined && named !== camera) {
      this.problem(
        ['rings', name, 'camera'],
        `ring "${name}" belongs to camera "${camera}", found "${named}"`,
      );
    }
    return place(name, { slots, leaseTimeoutMs, group });
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

  private ring(name: string, ring: RingDocument): RingConfig {
    this.checkLeases(name, ring);
    return {
      ...place(name, ring),
      camera: this.cameraOf(['rings', name], ring.camera),
      picture: this.picture(['rings', name], ring),
      format: ring.format ?? 'bgr24',
    };
  }

  private stream(name: string, stream: StreamDocument): StreamConfig {
    return {
      name,
      camera: this.cameraOf(['streams', name], stream.camera),
      picture: this.picture(['streams', name], stream),
      codec: this.codec(name, stream),
      port: stream.port,
    };
  }

  private codec(name: string, stream: StreamDocument): CodecConfig {
    if (stream.codec !== 'h264') return { kind: 'mjpeg', quality: stream.quality ?? 80 };
    if (stream.quality !== undefined) {
      this.problem(['streams', name, 'quality'], 'belongs to codec mjpeg; h264 has bitrateKbps');
    }
    return {
      kind: 'h264',
      bitrateKbps: stream.bitrateKbps ?? 6000,
      latency: stream.latency ?? 'low',
      encoder: stream.encoder ?? 'auto',
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

  private checkLeases(name: string, { slots }: Pick<RingDocument, 'slots'>): void {
    const leases = (slots?.readers ?? defaultSlots.readers) * (slots?.hold ?? defaultSlots.hold);
    if (leases <= maxLeases) return;
    this.problem(
      ['rings', name, 'slots'],
      `wanted at most ${maxLeases} leases (readers x hold), found ${leases}`,
    );
  }

  private checkPair(path: readonly string[], width: number | undefined, height: number | undefined): void {
    if ((width === undefined) === (height === undefined)) return;
    const missing = width === undefined ? 'width' : 'height';
    this.problem([...path, missing], 'width and height go together, found only the other');
  }

  /** Settings whose part is not built yet are refused where ignoring them would mislead. */
  private checkUnbuilt(): void {
    for (const [name, camera] of Object.entries(this.cameras)) {
      if (camera.controls !== undefined) {
        this.problem(
          ['cameras', name, 'controls'],
          'camera controls are not part of this version yet; leave it out',
        );
      }
    }
    const { server } = this.document;
    if (server?.auth !== undefined) {
      this.problem(
        ['server', 'auth'],
        'passwords are not part of this version yet; leave it out and listen on localhost',
      );
    }
    if (server?.tls !== undefined) {
      this.problem(
        ['server', 'tls'],
        'TLS is not part of this version yet; leave it out and put a proxy in front',
      );
    }
    if (server?.rtspPort !== undefined) {
      this.problem(['server', 'rtspPort'], 'RTSP is not part of this version yet; leave it out');
    }
  }

  /** A stream's pictures come through a ring of the stream's name: all names share one folder. */
  private checkNames({ cameras, rings, streams }: Config): void {
    const taken = new Map<string, string>();
    for (const { ring } of cameras) taken.set(ring.name, `the ring of camera frames "${ring.name}"`);
    for (const { name } of rings) taken.set(name, `the ring "${name}"`);
    for (const { name } of streams) {
      const other = taken.get(name);
      if (other !== undefined)
        this.problem(['streams', name], `needs a ring of its own name, which is taken by ${other}`);
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

function place(name: string, ring: Pick<RingDocument, 'slots' | 'leaseTimeoutMs' | 'group'>): RingPlace {
  return {
    name,
    slots: {
      readers: ring.slots?.readers ?? defaultSlots.readers,
      hold: ring.slots?.hold ?? defaultSlots.hold,
    },
    leaseTimeoutMs: ring.leaseTimeoutMs ?? 5000,
    group: ring.group ?? '',
  };
}
