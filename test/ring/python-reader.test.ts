import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { makeRingRoot, openTestRing } from '../support/test-ring.js';

const script = fileURLToPath(new URL('../../ring/python_reader.py', import.meta.url));
const root = makeRingRoot();

interface Found {
  frames: number;
  whole: number;
  overwritten: number;
  torn: number;
  missed: number;
  width: number;
}

/** Runs the reader beside a writer that publishes every `intervalMs`; frame n is full of the byte n. */
async function read(seconds: number, holdMs: number, intervalMs: number, burst: number): Promise<Found> {
  const ring = openTestRing({ width: 640, height: 480 });
  const data = new Uint8Array(640 * 480);
  let sequence = 0;
  const timer = setInterval(() => {
    for (let count = 0; count < burst; count++) ring.publish(data.fill(++sequence & 0xff));
  }, intervalMs);
  const child = spawn('python3', [script, root, 'test', String(seconds), String(holdMs)]);
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  ring.close();
  if (code !== 0) throw new Error(`python_reader.py: ${code}: ${complaint}`);
  return JSON.parse(output) as Found;
}

t.test('a reader in Python, written from docs/ring-format.md alone, reads whole frames', async (t) => {
  const found = await read(2, 0, 10, 1);
  t.equal(found.width, 640);
  t.ok(found.frames >= 20, `${found.frames} frames`);
  t.equal(found.torn, 0);
  t.equal(found.whole + found.overwritten, found.frames);
  t.ok(found.whole > found.frames / 2, `${found.whole} whole`);
});

t.test('and notices every frame that was overwritten while it held it without a lease', async (t) => {
  const found = await read(2, 200, 5, 4);
  t.ok(found.overwritten > 0, 'the ring lapped it');
  t.equal(found.whole, 0, 'a frame held through several laps is not taken for whole');
  t.equal(found.torn, 0);
  t.ok(found.missed > 0, 'and it knows how many it missed');
});
