import type { Status } from '../../observe/status.js';
import { replyJson } from './reply.js';
import type { RouteCall } from './routes.js';

/** /api/status: the service as it is now, for programs. */
export function statusRoute(take: () => Status): (call: RouteCall) => void {
  return ({ request, response }) => replyJson(request, response, 200, take());
}
