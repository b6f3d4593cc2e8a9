import type { Stream } from '../../stream/stream.js';
import type { JpegUnit } from '../../unit/unit.js';
import type { Gate } from '../auth/gate.js';
import { HttpServer, type HttpServerOptions } from '../http/http-server.js';
import { serveRoutes } from '../http/routes.js';
import { mjpegRoute } from './from-stream.js';
import type { MjpegOptions } from './session.js';

/** A stream with a port of its own. */
export interface MjpegPort {
  readonly stream: Stream<JpegUnit>;
  readonly port: number;
}

/** Where a stream of its own port is found. */
export interface MjpegPlace {
  readonly stream: string;
  readonly port: number;
  readonly path: string;
}

/** The ports of single MJPEG streams: `/` and `/stream` are the port's first stream, `/NAME` each by name. */
export class MjpegServer {
  private constructor(
    readonly places: readonly MjpegPlace[],
    private readonly servers: readonly HttpServer[],
  ) {}

  /** Throws PORT_IN_USE, PORT_PERMISSION or ADDRESS_UNAVAILABLE. */
  static async listen(
    ports: readonly MjpegPort[],
    options: Omit<HttpServerOptions, 'port'> & MjpegOptions & { readonly gate?: Gate },
  ): Promise<MjpegServer> {
    const servers: HttpServer[] = [];
    const places: MjpegPlace[] = [];
    try {
      for (const { port, streams } of groupByPort(ports)) {
        const routes = routesOf(streams, options);
        const access = options.gate && { gate: options.gate, open: [] };
        const server = await HttpServer.listen({ ...options, port }, serveRoutes(routes, access));
        servers.push(server);
        places.push(
          ...streams.map(({ name }, index) => ({
            stream: name,
            port: server.port,
            path: index === 0 ? '/' : `/${name}`,
          })),
        );
      }
    } catch (error) {
      await new MjpegServer(places, servers).close();
      throw error;
    }
    return new MjpegServer(places, servers);
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

function routesOf(streams: readonly Stream<JpegUnit>[], options: MjpegOptions) {
  const [first] = streams;
  return new Map([
    ...(first ? ['/', '/stream'].map((path) => [path, mjpegRoute(first, options)] as const) : []),
    ...streams.map((stream) => [`/${stream.name}`, mjpegRoute(stream, options)] as const),
  ]);
}

/** Streams on the same port share it; each 0 is a port of its own. */
function groupByPort(
  ports: readonly MjpegPort[],
): { readonly port: number; readonly streams: readonly Stream<JpegUnit>[] }[] {
  const groups: { readonly port: number; readonly streams: Stream<JpegUnit>[] }[] = [];
  for (const { port, stream } of ports) {
    const known = port === 0 ? undefined : groups.find((group) => group.port === port);
    if (known) known.streams.push(stream);
    else groups.push({ port, streams: [stream] });
  }
  return groups;
}
