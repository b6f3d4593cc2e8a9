import type { Log } from '@camstream/core';
import { listenAddresses } from './config/addresses.js';
import { unhealthyReasons } from './observe/health.js';
import { Metrics } from './observe/metrics.js';
import type { Observed } from './observe/observed.js';
import { takeStatus } from './observe/take-status.js';
import type { RunningJpeg, RunningStream } from './open-streams.js';
import { type Parts, stuckMs } from './parts.js';
import { Authenticator } from './serve/auth/authenticator.js';
import { Gate } from './serve/auth/gate.js';
import { healthRoute } from './serve/http/health.js';
import { HttpServer } from './serve/http/http-server.js';
import { metricsRoute } from './serve/http/metrics.js';
import { type Routes, serveRoutes } from './serve/http/routes.js';
import { statusRoute } from './serve/http/status.js';
import { mjpegRoute } from './serve/mjpeg/from-stream.js';
import { MjpegServer } from './serve/mjpeg/server.js';
import { snapshotRoute } from './serve/mjpeg/snapshot.js';
import { h264Source, jpegSource, type RtpSource } from './serve/rtsp/from-stream.js';
import { RtspServer } from './serve/rtsp/server.js';
import type { LimitUnsent } from './serve/unsent-limit.js';
import { rtspUrlOf, urlOf } from './summary.js';

/** Every URL of a stream, the shortest first. */
export type StreamUrls = (stream: string) => readonly string[];

/** Opens every port. `running`: what status and metrics look at. */
export async function openServers(
  { addon, config, log, teardown }: Parts,
  streams: readonly RunningStream[],
  running: Omit<Observed, 'refusedPasswords'>,
): Promise<StreamUrls> {
  const { host, httpPort, rtsp, maxConnections, auth } = config.server;
  const authenticator = auth && new Authenticator(auth);
  const gate = new Gate(authenticator, log);
  const limitUnsent: LimitUnsent = (fd, bytes) => addon.limitUnsent(fd, bytes);
  const options = { addresses: listenAddresses(host), maxConnections, log, stuckMs, limitUnsent, gate };
  const observed: Observed = { ...running, refusedPasswords: () => authenticator?.refused ?? 0 };
  const jpegs = streams.filter(isJpeg);
  const routes: Routes = new Map([
    ['/health', healthRoute(() => ({ reasons: unhealthyReasons(observed) }))],
    ['/metrics', metricsRoute(new Metrics(() => takeStatus(observed)))],
    ['/api/status', statusRoute(() => takeStatus(observed))],
    ...jpegs.flatMap(({ stream }) => [
      [`/mjpeg/${stream.name}`, mjpegRoute(stream, options)] as const,
      [`/snapshot/${stream.name}.jpg`, snapshotRoute(stream)] as const,
    ]),
  ]);
  const ports = jpegs.flatMap(({ stream, config: { port } }) =>
    port === undefined ? [] : [{ stream, port }],
  );
  const mjpeg = await MjpegServer.listen(ports, options);
  teardown.add('MJPEG ports', () => mjpeg.close());
  const handler = serveRoutes(routes, { gate, open: ['/health'] });
  const http = await HttpServer.listen({ ...options, port: httpPort }, handler);
  teardown.add('HTTP port', () => http.close());
  const sources = streams.map((one) => rtpSource(one, log));
  const rtspServer = await RtspServer.listen(sources, {
    ...options,
    rtsp,
    authenticator,
  });
  teardown.add('RTSP ports', () => rtspServer.close());
  // Last opened, first closed: viewers get their stream's end before the sockets go.
  teardown.add('viewers', () => {
    for (const { stream } of streams) stream.end();
  });
  return (name) => [
    ...mjpeg.places.filter(({ stream }) => stream === name).map(({ port, path }) => urlOf(host, port, path)),
    ...jpegs
      .filter(({ stream }) => stream.name === name)
      .flatMap(() => [
        urlOf(host, http.port, `/mjpeg/${name}`),
        urlOf(host, http.port, `/snapshot/${name}.jpg`),
      ]),
    rtspUrlOf(host, rtspServer.ports.rtsp, name),
  ];
}

function isJpeg(running: RunningStream): running is RunningJpeg {
  return running.kind === 'mjpeg';
}

function rtpSource(running: RunningStream, log: Log): RtpSource {
  const { rate } = running.config.picture;
  if (running.kind === 'mjpeg') return jpegSource(running.stream, rate, log);
  return h264Source(running.stream, rate, running.codec.viewerQueue);
}
