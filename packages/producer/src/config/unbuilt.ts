import type { Finding } from './problem.js';
import type { ConfigDocument } from './schema.js';

/** Settings whose part is not built yet are refused where ignoring them would mislead. */
export function unbuiltSettings({ server }: ConfigDocument): Finding[] {
  const tls = 'leave it out and put a proxy in front';
  return server?.tls === undefined ? [] : [finding(['server', 'tls'], 'TLS is', tls)];
}

function finding(path: readonly string[], what: string, remedy = 'leave it out'): Finding {
  return { path, message: `${what} not part of this version yet; ${remedy}` };
}
