import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const root = join(import.meta.dirname, '..', '..', '..');

/** Runs the check over a tree of only these files (path -> text). */
function check(test: Test, files: Record<string, string>) {
  const tree: Fixture = {};
  for (const [path, text] of Object.entries(files)) {
    const folders = path.split('/');
    const name = folders.pop() as string;
    let at = tree;
    for (const folder of folders) {
      at[folder] ??= {};
      at = at[folder] as Fixture;
    }
    at[name] = text;
  }
  const folder = test.testdir(tree);
  const args = [join(root, 'scripts/layout-check.mjs'), folder];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout };
}

interface Fixture {
  [name: string]: string | Fixture;
}

t.test('what the rules allow passes', async (t) => {
  const { status, stdout } = check(t, {
    'native/src/shm/segment.cc': '#include "base/unique_fd.h"\n#include <sys/mman.h>\n',
    'native/src/binding/ring_addon.cc': '#include <napi.h>\n#include "ring/layout.h"\n',
    'native/src/ring/atomics.h': '#include <atomic>\n',
    'native/src/capture/capture_loop.cc': '#include <atomic>\n',
    'native/src/pixels/pixel_format.h': '#include "ring/layout.h"\n',
    'packages/producer/src/producer.ts': "import { a } from './serve/a.js';\n",
    'packages/producer/src/serve/a.ts':
      "import { b } from '../stream/b.js';\n/** An a. */\nexport const a = b;\n",
    'packages/consumer/src/connect.ts': "import { x } from '@camstream/core';\n",
    'test/consumer/connect.test.ts':
      "import { connect } from '@camstream/consumer';\nimport './support.js';\n",
    'docs/map.md':
      '# The map\n\n## Where is it?\n[here](map.md#where-is-it) [there](../packages) [web](https://x.org)\n',
    'package.json': '{ "devDependencies": { "a": "1.2.3", "b": "npm:c@1.2.3", "@d/e": "workspace:*" } }',
  });
  t.equal(status, 0, stdout);
});

const violations: Record<string, { file: [path: string, text: string]; message: RegExp }> = {
  'an include against the direction': {
    file: ['native/src/base/clock.h', '#include "ring/layout.h"\n'],
    message: /^native\/src\/base\/clock\.h:1: base\/ may not include ring\//m,
  },
  'an include by a path that is not from native/src': {
    file: ['native/src/ring/ring_file.cc', '\n#include "../shm/segment.h"\n'],
    message: /ring_file\.cc:2: .*wanted a path from native\/src/,
  },
  'a part that nobody knows': {
    file: ['native/src/codec/h264.cc', ''],
    message: /native\/src has no part codec/,
  },
  'Node outside of the binding': {
    file: ['native/src/capture/loop.h', '#include <napi.h>\n'],
    message: /only binding\/ sees Node/,
  },
  'an atomic beside the door': {
    file: ['native/src/ring/slot_lock.h', 'std::atomic<int> version;\n'],
    message: /only atomics\.h names atomics/,
  },
  'a compiler builtin beside the door': {
    file: ['native/src/ring/slot_lock.h', '__atomic_thread_fence(5);\n'],
    message: /only atomics\.h names atomics/,
  },
  'core importing the consumer': {
    file: ['packages/core/src/a.ts', "import { x } from '@camstream/consumer';\n"],
    message: /a\.ts:1: core may not import @camstream\/consumer/,
  },
  'the consumer importing the producer, over several lines': {
    file: ['packages/consumer/src/a.ts', "import {\n  x,\n} from '@camstream/producer';\n"],
    message: /a\.ts:3: consumer may not import @camstream\/producer/,
  },
  'a type imported the wrong way round': {
    file: ['packages/core/src/a.ts', "import type { X } from '@camstream/producer';\n"],
    message: /core may not import/,
  },
  'a way past the index of a package': {
    file: ['test/a.test.ts', "import { x } from '@camstream/core/dist/a.js';\n"],
    message: /import '@camstream\/core' instead/,
  },
  'a test that reaches into a package': {
    file: ['test/core/a.test.ts', "import { x } from '../../packages/core/src/a.js';\n"],
    message: /leaves test\//,
  },
  'a dynamic import that leaves the package': {
    file: ['packages/core/src/a.ts', "import('../../consumer/src/b.js');\n"],
    message: /leaves packages\/core\/src\//,
  },
  'a bench that reaches into a package': {
    file: ['bench/latency.ts', "import '../packages/core/dist/a.js';\n"],
    message: /leaves bench\//,
  },
  'an example that reaches into a package': {
    file: ['docs/examples/read.ts', "import '../../packages/core/dist/a.js';\n"],
    message: /leaves docs\//,
  },
  'bytes that know of sockets': {
    file: [
      'packages/producer/src/protocol/mjpeg/part.ts',
      "import { x } from '../../serve/mjpeg/server.js';\n",
    ],
    message: /producer's protocol\/ may not import serve/,
  },
  'a stream that knows the composition root': {
    file: ['packages/producer/src/stream/stream.ts', "import { x } from '../producer.js';\n"],
    message: /producer's stream\/ may not import the files above it/,
  },
  'a program that reaches past producer.ts': {
    file: ['packages/producer/src/bin/a.ts', "import { x } from '../stream/stream.js';\n"],
    message: /bin\/ knows producer\.ts/,
  },
  'a folder of the producer that nobody knows': {
    file: ['packages/producer/src/stuff/a.ts', "import { x } from '../unit/unit.js';\n"],
    message: /producer\/src has no folder stuff/,
  },
  'a file name that says nothing': {
    file: ['packages/core/src/ring-utils.ts', ''],
    message: /"utils" says nothing/,
  },
  'a folder name that says nothing': { file: ['test/helpers/a.ts', ''], message: /"helpers" says nothing/ },
  'a line that does not fit': {
    file: ['native/src/base/a.cc', `// ${'x'.repeat(108)}\n`],
    message: /a\.cc:1: 111 columns/,
  },
  'an exported name without a doc comment': {
    file: ['packages/core/src/a.ts', '/** A. */\nexport const a = 1;\nexport function b() {}\n'],
    message: /a\.ts:3: b is exported and has no doc comment/,
  },
  'a link that leads nowhere': {
    file: ['docs/a.md', '\n[b](b.md)\n'],
    message: /a\.md:2: b\.md leads nowhere/,
  },
  'a link to a heading that is not there': {
    file: ['docs/a.md', '# Title\n[b](#tilte)\n'],
    message: /a\.md:2: docs\/a\.md has no heading #tilte/,
  },
  'a version that is not pinned': {
    file: ['packages/core/package.json', '{\n  "dependencies": {\n    "zod": "^4.0.0"\n  }\n}\n'],
    message: /package\.json:3: zod: wanted an exact version, found "\^4\.0\.0"/,
  },
};

for (const [name, { file, message }] of Object.entries(violations)) {
  t.test(`found: ${name}`, async (t) => {
    const { status, stdout } = check(t, { [file[0]]: file[1] });
    t.equal(status, 1);
    t.match(stdout, message);
    t.match(stdout, /, 1 errors, 0 warnings/, 'and nothing else');
  });
}

t.test('a long file is a warning, not an error', async (t) => {
  const { status, stdout } = check(t, { 'native/src/base/a.cc': '\n'.repeat(301) });
  t.equal(status, 0);
  t.match(stdout, /a\.cc:1: warning: 301 lines/);
});
