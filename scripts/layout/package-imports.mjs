// packages: core <- consumer <- producer, and producer's folders among each other as below. Everybody else
// comes in by the public entry points.
import { dirname, join } from 'node:path';

const MAY_IMPORT = { core: [], consumer: ['core'], producer: ['core', 'consumer'] };
const EVERYBODY_ELSE = ['core', 'consumer', 'producer'];
const PRODUCER_FOLDERS = {
  log: ['config'],
  config: [],
  unit: [],
  observe: ['config', 'unit', 'encode', 'feed', 'stream'],
  codec: ['unit'],
  feed: ['config', 'log', 'unit', 'encode'],
  encode: ['config', 'log', 'unit', 'codec'],
  stream: ['unit'],
  status: ['config', 'observe', 'serve'],
  protocol: ['unit', 'codec'],
  serve: ['config', 'log', 'unit', 'stream', 'protocol', 'observe'],
};
const IMPORT = new RegExp(
  [
    /(?:^|\s)(?:import|export)\s[^;]*?from\s+'([^']+)'/,
    /(?:^|\s)import\s+'([^']+)'/,
    /(?:^|[\s(])import\('([^']+)'\)/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'gm',
);

/** Who imports whom among the TypeScript packages, and between the producer's folders. */
export function* checkPackageImports(files) {
  for (const { path, lines } of files) {
    if (!/^(packages|test|bench|docs)\/.*\.m?ts$/.test(path)) continue;
    const text = lines.join('\n');
    for (const match of text.matchAll(IMPORT)) {
      const target = match[1] ?? match[2] ?? match[3];
      const message = target.startsWith('.') ? relativeError(path, target) : packageError(path, target);
      const line = text.slice(0, match.index + match[0].length).split('\n').length;
      if (message) yield { path, line, message };
    }
  }
}

function packageError(path, target) {
  const found = /^@camstream\/([^/]+)(\/.*)?$/.exec(target);
  if (!found) return undefined;
  const [, name, inside] = found;
  if (inside) return `import '@camstream/${name}' instead of '${target}': its index is the only way in`;
  const own = /^packages\/([^/]+)\//.exec(path)?.[1];
  const allowed = own ? MAY_IMPORT[own] : EVERYBODY_ELSE;
  if (!allowed) return `packages/ has no ${own}: ${Object.keys(MAY_IMPORT).join(', ')}`;
  return allowed.includes(name) ? undefined : `${own ?? path} may not import ${target}`;
}

function relativeError(path, target) {
  const to = join(dirname(path), target);
  const home = /^packages\/[^/]+\/src\/|^test\/|^bench\/|^docs\//.exec(path)?.[0];
  if (!home) return `${path} is outside its package's src/`;
  if (!to.startsWith(home)) return `'${target}' leaves ${home}: import the package by its name`;
  return home === 'packages/producer/src/'
    ? folderError(path.slice(home.length), to.slice(home.length))
    : undefined;
}

function folderError(from, to) {
  const [folder, other] = [from, to].map((path) => (path.includes('/') ? path.split('/')[0] : ''));
  if (folder === other || folder === '') return undefined;
  if (folder === 'bin') {
    return ['', 'config', 'log'].includes(other)
      ? undefined
      : 'bin/ knows producer.ts, config/ and log/ only';
  }
  const allowed = PRODUCER_FOLDERS[folder];
  if (!allowed)
    return `producer/src has no folder ${folder}: ${Object.keys(PRODUCER_FOLDERS).join(', ')}, bin`;
  if (allowed.includes(other)) return undefined;
  const instead = allowed.join(', ') || 'itself';
  return `producer's ${folder}/ may not import ${other || 'the files above it'} (only ${instead})`;
}
