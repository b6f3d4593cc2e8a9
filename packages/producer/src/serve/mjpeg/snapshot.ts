import { CamstreamError } from '@camstream/core';
import type { Stream } from '../../stream/stream.js';
import { unixTimeText, WallClock } from '../../unit/timestamp.js';
import type { JpegUnit } from '../../unit/unit.js';
import { reply, replyText } from '../http/reply.js';
import type { RouteCall } from '../http/routes.js';

const maxAgeMs = 200;

const wallClock = new WallClock();

/** The route of one picture of a stream, fresh: while nobody watches it is made for this request. */
export function snapshotRoute(
  stream: Stream<JpegUnit>,
  timeoutMs = 5000,
): (call: RouteCall) => Promise<void> {
  return async ({ request, response, headOnly }) => {
    if (headOnly) {
      response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'no-store' }).end();
      return;
    }
    try {
      const unit = await stream.picture({ maxAgeMs, timeoutMs });
      const headers = {
        'Content-Type': 'image/jpeg',
        'X-Timestamp': unixTimeText(unit.capturedAtNs, wallClock.offsetNs()),
        'X-Captured-Monotonic-Ns': String(unit.capturedAtNs),
        'X-Sequence': String(unit.sequence),
      };
      reply(request, response, 200, headers, unit.data);
    } catch (error) {
      if (!(error instanceof CamstreamError)) throw error;
      response.setHeader('Retry-After', '1');
      replyText(request, response, 503, `${error.code}: ${error.message}`);
    }
  };
}
