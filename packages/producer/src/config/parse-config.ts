import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Config } from './config.js';
import { nearestName } from './nearest-name.js';
import { ConfigError, type ConfigProblem, type Finding } from './problem.js';
import { resolveConfig } from './resolve-config.js';
import { documentSchema, knownKeys } from './schema.js';

/** A value given on the command line: `option` is what people typed, `path` where it belongs. */
export interface ConfigOverride {
  readonly option: string;
  readonly path: readonly [string, ...string[]];
  readonly value: unknown;
}

/** A configuration before it is understood. */
export interface ConfigText {
  /** YAML; empty for the built-in configuration. */
  readonly text: string;
  /** Named in problems. */
  readonly fileName?: string | undefined;
  /** Folder that relative `file:` sources start from. */
  readonly folder: string;
}

/** What the command line lays over a configuration. */
export interface ConfigOverrides {
  readonly overrides: readonly ConfigOverride[];
  /** Source of the only camera. */
  readonly source: string | undefined;
}

/** Reads a configuration with the command line's values laid over it. Throws ConfigError. */
export function parseConfig(
  source: ConfigText,
  given: ConfigOverrides = { overrides: [], source: undefined },
): Config {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false });
  const fail = (problems: readonly ConfigProblem[]): never => {
    throw new ConfigError(source.fileName, problems);
  };
  if (document.errors.length > 0) {
    fail(
      document.errors.map(({ pos, message }) => ({ path: [], line: lines.linePos(pos[0]).line, message })),
    );
  }

  const settings = contentOf(document, fail);
  const overrides = [...given.overrides, ...sourceOverride(settings, given.source, fail)];
  for (const { path, value } of overrides) setWithin(settings, path, value);

  const place = (path: readonly string[]): { path: readonly string[]; line: number | undefined } => {
    const override = overrides.find((one) => one.path.every((key, depth) => path[depth] === key));
    if (override) return { path: [override.option], line: undefined };
    return { path, line: lineOf(document, lines, path) };
  };
  const parsed = documentSchema.safeParse(settings);
  if (!parsed.success) {
    return fail(problemsOf(parsed.error, settings).map(({ path, message }) => ({ ...place(path), message })));
  }
  const { config, problems } = resolveConfig(parsed.data, source.folder);
  if (problems.length > 0) fail(problems.map(({ path, message }) => ({ ...place(path), message })));
  return config;
}

function contentOf(document: Document.Parsed, fail: (problems: readonly ConfigProblem[]) => never): Settings {
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return fail([{ path: [], line: undefined, message: (error as Error).message }]);
  }
  if (content === null || content === undefined) return {};
  if (isSettings(content)) return content;
  return fail([{ path: [], line: 1, message: `wanted a mapping of settings, found ${foundText(content)}` }]);
}

function sourceOverride(
  settings: Settings,
  source: string | undefined,
  fail: (problems: readonly ConfigProblem[]) => never,
): ConfigOverride[] {
  if (source === undefined) return [];
  const cameras = isSettings(settings.cameras) ? Object.keys(settings.cameras) : [];
  const [camera = 'main', ...others] = cameras;
  if (others.length > 0) {
    const found = cameras.join(', ');
    const message = `wanted one camera to set it for, found ${found}; set cameras.NAME.source instead`;
    return fail([{ path: ['--source'], line: undefined, message }]);
  }
  return [{ option: '--source', path: ['cameras', camera, 'source'], value: source }];
}

type Settings = Record<string, unknown>;

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setWithin(settings: Settings, path: readonly [string, ...string[]], value: unknown): void {
  const [key, ...rest] = path;
  const [next, ...others] = rest;
  if (next === undefined) {
    settings[key] = value;
    return;
  }
  if (settings[key] === undefined) settings[key] = {};
  const inner = settings[key];
  if (isSettings(inner)) setWithin(inner, [next, ...others], value);
}

function problemsOf(error: z.ZodError, settings: Settings): Finding[] {
  const findings = error.issues.flatMap((issue): Finding[] => {
    const path = issue.path.map(String);
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({
          path: [...path, key],
          message: unknownText(key, knownKeys(path)),
        }));
      case 'invalid_key':
        return [{ path, message: `wanted ${issue.issues[0]?.message ?? issue.message}` }];
      default:
        return [
          { path, message: `wanted ${issue.message}, found ${findingText(path, valueAt(settings, path))}` },
        ];
    }
  });
  // A number that breaks two rules has one problem.
  const seen = new Set<string>();
  return findings.filter(({ path }) => !seen.has(path.join('\0')) && seen.add(path.join('\0')));
}

function unknownText(key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  return near === undefined
    ? `not a setting; known here: ${known.join(', ')}`
    : `not a setting; did you mean ${near}?`;
}

function valueAt(settings: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isSettings(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, settings);
}

function findingText(path: readonly string[], value: unknown): string {
  // Problems are printed and logged, and this one may be the right password with a key too many.
  return path.at(-1) === 'password' && value !== undefined ? 'another (not shown)' : foundText(value);
}

function foundText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = String(value);
  return `"${text.length > 60 ? `${text.slice(0, 60)}...` : text}"`;
}

/** The line of the key at `path`, or of the nearest mapping around it. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const key of path) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === key);
    if (!pair) break;
    if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
