import { framingFor } from '../../protocol/mjpeg/multipart.js';
import type { Stream } from '../../stream/stream.js';
import type { JpegUnit } from '../../unit/unit.js';
import type { RouteCall } from '../http/routes.js';
import { type MjpegOptions, MjpegSession, mjpegHeaders } from './session.js';

/** The route of a stream as multipart pictures. */
export function mjpegRoute(stream: Stream<JpegUnit>, options: MjpegOptions): (call: RouteCall) => void {
  return ({ request, response, query, headOnly }) => {
    if (headOnly) {
      response.writeHead(200, mjpegHeaders(response)).end();
      return;
    }
    new MjpegSession(
      stream,
      response,
      framingFor(request.headers['user-agent'], query.get('advance')),
      options,
    ).start();
  };
}
