import type { Metrics } from '../../observe/metrics.js';
import { reply } from './reply.js';
import type { RouteCall } from './routes.js';

/** /metrics: for Prometheus. */
export function metricsRoute(metrics: Metrics): (call: RouteCall) => Promise<void> {
  return async ({ request, response }) => {
    reply(request, response, 200, { 'Content-Type': metrics.contentType }, await metrics.text());
  };
}
