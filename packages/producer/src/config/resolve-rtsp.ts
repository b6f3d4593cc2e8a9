import type { RtspConfig } from './config.js';
import type { ConfigDocument } from './schema.js';

/** RTSP's part of `server`. Whoever wants any free port for the one before wants it for the next as well. */
export function resolveRtsp(server: ConfigDocument['server'] = {}): RtspConfig {
  const { multicast = {} } = server;
  const port = server.rtspPort ?? (server.httpPort === 0 ? 0 : 8554);
  return {
    port,
    rtpPort: server.rtpPort ?? (port === 0 ? 0 : 8556),
    rtcpPort: server.rtcpPort ?? (port === 0 ? 0 : 8557),
    multicast:
      multicast.enabled === false
        ? undefined
        : { base: multicast.base ?? '239.255.42.0', port: multicast.port ?? 8558, ttl: multicast.ttl ?? 1 },
  };
}
