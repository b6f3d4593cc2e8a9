import { framingFor } from '../../protocol/mjpeg/multipart.js';
import type { Stream } from '../../stream/stream.js';
import type { JpegUnit } from '../../unit/unit.js';
import { replyText } from '../http/reply.js';
import type { RouteCall } from '../http/routes.js';
import { type MjpegOptions, MjpegSession, mjpegHeaders } from './session.js';

const slowest = 0.1;
const fastest = 240;

/** The route of a stream as multipart pictures; `?fps=N` gives N of them a second. */
export function mjpegRoute(stream: Stream<JpegUnit>, options: MjpegOptions): (call: RouteCall) => void {
  return ({ request, response, query, headOnly }) => {
    const rate = rateOf(query.get('fps'));
    if (rate === 'invalid') {
      const wanted = `wanted a number of pictures a second, ${slowest} to ${fastest}`;
      return replyText(request, response, 400, `fps: ${wanted}, found "${query.get('fps')}".`);
    }
    if (headOnly) {
      response.writeHead(200, mjpegHeaders(response)).end();
      return;
    }
    const framing = framingFor(request.headers['user-agent'], query.get('advance'));
    new MjpegSession(stream, response, { framing, rate }, options).start();
  };
}

function rateOf(text: string | null): number | undefined | 'invalid' {
  if (text === null) return undefined;
  const rate = /^\d{1,4}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  return rate >= slowest && rate <= fastest ? rate : 'invalid';
}
