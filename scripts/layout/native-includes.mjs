// native/src: base <- shm <- ring;  base <- pixels;  ring, pixels <- capture <- binding;  pixels <- gstreamer
const MAY_INCLUDE = {
  base: [],
  shm: ['base'],
  ring: ['base', 'shm'],
  pixels: ['base'],
  capture: ['base', 'shm', 'ring', 'pixels'],
  gstreamer: ['base', 'pixels'],
  binding: ['base', 'shm', 'ring', 'pixels', 'capture'],
};
// Single headers that another part may see although the part as a whole is closed to it.
const EXCEPTIONS = {
  pixels: ['ring/layout.h'],
  ring: ['pixels/pixel_format.h'],
  gstreamer: ['capture/carrier.h', 'capture/carrier_format.h'],
};

/** The parts of native/src include each other in one direction; Node and std::atomic have one door each. */
export function* checkNativeIncludes(files) {
  for (const { path, lines } of files) {
    const part = /^native\/src\/(\w+)\/.*\.(cc|h)$/.exec(path)?.[1];
    if (!part) continue;
    if (!(part in MAY_INCLUDE)) {
      yield {
        path,
        line: 1,
        message: `native/src has no part ${part}: ${Object.keys(MAY_INCLUDE).join(', ')}`,
      };
      continue;
    }
    for (const [index, text] of lines.entries()) {
      const message = includeError(part, text) ?? doorError(part, path, text);
      if (message) yield { path, line: index + 1, message };
    }
  }
}

function includeError(part, text) {
  const target = /^\s*#\s*include\s+"([^"]+)"/.exec(text)?.[1];
  if (!target) return undefined;
  const other = target.split('/')[0];
  if (!(other in MAY_INCLUDE)) {
    return `#include "${target}": wanted a path from native/src, found none of its parts`;
  }
  if (other === part || MAY_INCLUDE[part].includes(other) || EXCEPTIONS[part]?.includes(target))
    return undefined;
  return `${part}/ may not include ${other}/ (only ${MAY_INCLUDE[part].join(', ') || 'itself'})`;
}

function doorError(part, path, text) {
  const code = text.replace(/\/\/.*/, '');
  if (part !== 'binding' && /#\s*include\s+<(napi|node_api|js_native_api|uv)\.h>/.test(code)) {
    return 'only binding/ sees Node';
  }
  const atomic = /\bstd::atomic|#\s*include\s+<atomic>|\b__atomic_|\b__sync_/.test(code);
  if (part === 'ring' && atomic && !path.endsWith('/atomics.h')) {
    return 'in ring/ only atomics.h names atomics: models and sanitizers see the others through it';
  }
  return undefined;
}
