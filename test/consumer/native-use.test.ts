import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

t.setTimeout(200_000);

// In a process of its own, so that one that Node aborts fails here instead of ending the test run.
t.test('native code at work on a frame: no crash, and never another frame', async (t) => {
  const program = fileURLToPath(new URL('./native-use-process.js', import.meta.url));
  const { output, end } = await new Promise<{ output: string; end: unknown }>((resolve) => {
    const child = execFile(process.execPath, [program], { timeout: 180_000 }, (_error, stdout) =>
      resolve({ output: stdout, end: child.signalCode ?? child.exitCode }),
    );
  });
  const lines = output.trim().split('\n');
  t.equal(end, 0, 'the process ended by itself');
  t.equal(lines.pop(), 'done');
  t.equal(lines.length, 25, 'each scenario was run');
  for (const line of lines) t.ok(line.startsWith('ok '), line);
});
