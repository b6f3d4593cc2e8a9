import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from '../auth/gate.js';
import type { HttpHandler } from './http-server.js';
import { replyText } from './reply.js';

/** One request that found its route. */
export interface RouteCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** HEAD: headers as for GET, no body. */
  readonly headOnly: boolean;
  /** The password was given, or none is wanted. Others come to open paths only. */
  readonly admitted: boolean;
}

/** Exact path, beginning with a slash, to what answers GET and HEAD there. */
export type Routes = ReadonlyMap<string, (call: RouteCall) => void | Promise<void>>;

/** Who is let in where. */
export interface Access {
  readonly gate: Gate;
  /** Paths that answer everybody; what they tell a stranger is their affair. */
  readonly open: readonly string[];
}

/** A handler that finds the route and answers 400, 401, 404 and 405 by itself. */
export function serveRoutes(routes: Routes, access?: Access): HttpHandler {
  return (request, response) => {
    const target = targetOf(request.url ?? '');
    if (target === undefined) return replyText(request, response, 400, 'The path is not a valid URL.');
    const verdict = access?.gate.check(request) ?? 'admitted';
    const admitted = verdict === 'admitted';
    // Before anything else: a stranger does not learn what is here and what is not.
    if (!admitted && !access?.open.includes(target.path))
      return access?.gate.refuse(request, response, verdict);
    const route = routes.get(target.path);
    if (route === undefined) {
      return replyText(request, response, 404, `Not found. Here are:\n${[...routes.keys()].join('\n')}`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return replyText(request, response, 405, 'Only GET and HEAD are answered here.');
    }
    const headOnly = request.method === 'HEAD';
    return route({ request, response, query: target.query, headOnly, admitted });
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
