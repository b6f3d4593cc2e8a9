import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import ts from 'typescript';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';

t.setTimeout(180_000);
const repository = fileURLToPath(new URL('../../../', import.meta.url));
const folder = join(repository, 'docs/examples');
const examples = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const outDir = join(repository, 'test/dist/examples');
const run = promisify(execFile);

const expected: Record<string, RegExp> = {
  'newest.ts': /^\d+: 64x48 bgr24, -?[\d.]+ ms old, 0 missed\nfirst byte: \d+\n/,
  'every.ts': /^(\d+: brightest byte \d+\n){5}$/,
  'jpeg.ts': /^\d{3,} bytes of JPEG\n$/,
  'worker.ts': /^(\d+: 9216 bytes\n){5}$/,
  'keep.ts': /and \d+ differ: true\n/,
};

t.test('the examples compile as an application would compile them', async (t) => {
  const program = ts.createProgram(
    examples.map((name) => join(folder, name)),
    {
      strict: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      typeRoots: [join(repository, 'node_modules/@types')],
      paths: {
        '@camstream/consumer': [join(repository, 'packages/consumer/dist/index.d.ts')],
        sharp: [join(repository, 'test/node_modules/sharp')],
      },
      rootDir: folder,
      outDir,
    },
  );
  const emitted = program.emit();
  const problems = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics].map(
    ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
  t.same(problems, []);
});

t.test('they stand in the documentation, and do what it says', async (t) => {
  makeRingRoot();
  const ring = openTestRing({
    name: 'analysis',
    format: 'bgr24',
    width: 64,
    height: 48,
    hold: 4,
    readers: 8,
  });
  let last = 0;
  const timer = setInterval(() => {
    last = ring.publish(new Uint8Array(64 * 48 * 3).fill(last + 1));
  }, 20);
  const page = readFileSync(join(repository, 'docs/consumer.md'), 'utf8');
  t.same(examples.toSorted(), Object.keys(expected).toSorted());
  for (const name of examples) {
    t.ok(page.includes(readFileSync(join(folder, name), 'utf8').trim()), `${name} is in docs/consumer.md`);
    const compiled = join(outDir, `${basename(name, '.ts')}.js`);
    const { stdout, stderr } = await run(process.execPath, [compiled], { timeout: 60_000 });
    t.match(stdout, expected[name] as RegExp, name);
    t.equal(stderr, '');
  }
  clearInterval(timer);
  ring.close();
});
