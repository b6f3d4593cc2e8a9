/** An Authorization header: `Basic dXNlcjpwYXNz`, or a scheme with parameters (RFC 9110, 11.4). */
export interface AuthHeader {
  /** In lower case: 'basic', 'digest'. */
  readonly scheme: string;
  /** All that follows the scheme. */
  readonly rest: string;
}

const longest = 4096;
const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) +(\S.*)$/;

/** Splits the scheme off. Undefined for what is none, or longer than anybody's. */
export function parseAuthHeader(text: string): AuthHeader | undefined {
  const [, scheme, rest] = text.length <= longest ? (header.exec(text) ?? []) : [];
  return scheme === undefined || rest === undefined ? undefined : { scheme: scheme.toLowerCase(), rest };
}

// One `name=value`, the value a token or in quotes, and the comma behind it.
const parameter = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(,|$)/y;

/** A scheme's parameters, names in lower case. Undefined where they break the grammar or one comes twice. */
export function parseAuthParameters(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  parameter.lastIndex = 0;
  for (;;) {
    const match = parameter.exec(text);
    if (match === null) return undefined;
    const [, name = '', quoted, token = '', comma] = match;
    const key = name.toLowerCase();
    if (found.has(key)) return undefined;
    found.set(key, quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1'));
    if (comma === '') return found;
  }
}
