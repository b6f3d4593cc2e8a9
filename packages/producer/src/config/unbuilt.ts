import type { Finding } from './problem.js';
import type { ConfigDocument } from './schema.js';

/** Settings whose part is not built yet are refused where ignoring them would mislead. */
export function unbuiltSettings({ cameras, server }: ConfigDocument): Finding[] {
  const controls = Object.entries(cameras ?? {}).flatMap(([name, camera]) =>
    camera.controls === undefined ? [] : [finding(['cameras', name, 'controls'], 'camera controls are')],
  );
  const tls = 'leave it out and put a proxy in front';
  return [...controls, ...(server?.tls === undefined ? [] : [finding(['server', 'tls'], 'TLS is', tls)])];
}

function finding(path: readonly string[], what: string, remedy = 'leave it out'): Finding {
  return { path, message: `${what} not part of this version yet; ${remedy}` };
}
