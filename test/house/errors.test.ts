import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import t from 'tap';

// docs/errors.md and the codes that the sources give.

const root = resolve(import.meta.dirname, '../../..');
// What others call theirs: variables, Node's and libuv's errors, ioctls.
const foreign = /^(CAMSTREAM|ERR|HPE|EAI|VIDIOC)_/;

t.test('docs/errors.md lists every code that is given, once, and no other', async (t) => {
  const listed = listedCodes();
  t.same(duplicates(listed), [], 'each stands there once');
  const given = new Set(sources().flatMap(codesIn));
  t.ok(given.has('RING_BUSY') && given.has('CONFIG_INVALID'), 'native code and TypeScript were read');
  t.same([...given].filter((code) => !listed.includes(code)).sort(), [], 'given and not listed');
  t.same(listed.filter((code) => !given.has(code)).sort(), [], 'listed and not given');
});

/** What no test can bring about. */
const unprovoked: Readonly<Record<string, string>> = {
  CONTROL_SYSTEM: 'the drivers of the camera VM refuse no value that they say they take',
  DEVICE_UNSUPPORTED: 'no driver of the camera VM has a device that captures by read() alone',
};

t.test('each code of docs/errors.md is named by a test', async (t) => {
  const tests = ['test', 'native/test'].flatMap((folder) =>
    textsIn(folder, /\.(cc|h|ts|py)$/, ['errors.test.ts']),
  );
  t.ok(
    tests.some((text) => text.includes('class CaptureRig')) && tests.some((text) => /\bTEST\(/.test(text)),
  );
  const named = new Set(tests.flatMap((text) => text.match(/\b[A-Z]+(?:_[A-Z0-9]+)*\b/g) ?? []));
  t.same(
    listedCodes()
      .filter((code) => !named.has(code))
      .sort(),
    Object.keys(unprovoked),
    'those that no test names, and no more',
  );
});

function listedCodes(): string[] {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  return [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code = '']) => code);
}

function sources(): string[] {
  const folders = ['native/src', ...['core', 'consumer', 'producer'].map((name) => `packages/${name}/src`)];
  return folders.flatMap((folder) => textsIn(folder, /\.(cc|h|ts)$/));
}

/** The files below `folder`, those apart that were built or installed, and `except`. */
function textsIn(folder: string, name: RegExp, except: readonly string[] = []): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => name.test(path) && !/(^|\/)(dist|node_modules|build)\//.test(path))
    .filter((path) => !except.includes(basename(path)))
    .map((path) => readFileSync(join(root, folder, path), 'utf8'));
}

/** Literals that read like a code, and whatever an error of ours is made with. */
function codesIn(text: string): string[] {
  const literals = text.matchAll(/["'`]([A-Z]+(?:_[A-Z0-9]+)+)["'`]/g);
  const errors = text.matchAll(/new CamstreamError\(\s*['"`](\w+)/g);
  return [...literals, ...errors].map(([, code = '']) => code).filter((code) => !foreign.test(code));
}

function duplicates(codes: readonly string[]): string[] {
  return codes.filter((code, index) => codes.indexOf(code) !== index);
}
