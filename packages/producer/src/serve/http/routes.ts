import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpHandler } from './http-server.js';
import { replyText } from './reply.js';

/** One request that found its route. */
export interface RouteCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** HEAD: headers as for GET, no body. */
  readonly headOnly: boolean;
}

/** Exact path, beginning with a slash, to what answers GET and HEAD there. */
export type Routes = ReadonlyMap<string, (call: RouteCall) => void | Promise<void>>;

/** A handler that finds the route and answers 400, 404 and 405 by itself. */
export function serveRoutes(routes: Routes): HttpHandler {
  return (request, response) => {
    const target = targetOf(request.url ?? '');
    if (target === undefined) return replyText(request, response, 400, 'The path is not a valid URL.');
    const route = routes.get(target.path);
    if (route === undefined) {
      return replyText(request, response, 404, `Not found. Here are:\n${[...routes.keys()].join('\n')}`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return replyText(request, response, 405, 'Only GET and HEAD are answered here.');
    }
    return route({ request, response, query: target.query, headOnly: request.method === 'HEAD' });
  };
}

function targetOf(url: string): { readonly path: string; readonly query: URLSearchParams } | undefined {
  try {
    const { pathname, searchParams } = new URL(url, 'http://host');
    return { path: decodeURIComponent(pathname), query: searchParams };
  } catch {
    return undefined;
  }
}
