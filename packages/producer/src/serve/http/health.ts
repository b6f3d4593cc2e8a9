import { replyJson } from './reply.js';
import type { RouteCall } from './routes.js';

/** Whether the service does its work, and if not why. */
export interface Health {
  readonly reasons: readonly string[];
}

/** /health: 200, or 503 with the reasons, which are for those who have the password. */
export function healthRoute(health: () => Health): (call: RouteCall) => void {
  return ({ request, response, admitted }) => {
    const { reasons } = health();
    const status = reasons.length === 0 ? 'ok' : 'failing';
    replyJson(
      request,
      response,
      reasons.length === 0 ? 200 : 503,
      admitted ? { status, reasons } : { status },
    );
  };
}
