import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { CaptureRig } from '../../support/capture-rig.js';

// Files whose pictures come late or not at all: ffprobe is the real one, ffmpeg a script that lets us wait.

const rig = new CaptureRig(t);
const bytes = 160 * 120 * 1.5;
t.setTimeout(120_000);

t.test('an ffmpeg that gives nothing for ten seconds is started again, and that is told', async (t) => {
  // The first one hangs after its first picture.
  const camera = await play(
    t,
    (folder) => `
[ -e '${folder}/begun' ] && exec ffmpeg "$@"
touch '${folder}/begun'
head -c ${bytes} /dev/zero
exec sleep 1000`,
  );
  const { code, message } = await camera.event('failed');
  t.equal(code, 'FILE_STALLED');
  t.match(message, /no picture of `.*clip\.mp4` for 10 s; it is started anew/);
  await camera.event('recovered');
  await camera.native.close();
});

t.test('one that decodes slower than the file plays is told once, and its pictures come', async (t) => {
  const camera = await play(t, () => `while head -c ${bytes} /dev/zero; do sleep 0.6; done`);
  const { code, message } = await camera.event('notice');
  t.equal(code, 'FILE_SLOW');
  t.match(message, /clip\.mp4` cannot be decoded at its own rate .* plays slower\. Use a smaller picture/);
  await camera.published(4);
  t.equal(camera.events.filter(({ kind }) => kind === 'notice').length, 1);
  await camera.native.close();
});

/** A file with `script` in ffmpeg's place. */
function play(t: Test, script: (folder: string) => string) {
  const folder = t.testdir();
  const path = `${folder}/clip.mp4`;
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=50', '-t', '0.2', '-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', ['-v', 'error', ...source, path]);
  const write = (program: string, text: string) => {
    writeFileSync(`${folder}/${program}`, `#!/bin/bash\n${text}\n`);
    chmodSync(`${folder}/${program}`, 0o755);
  };
  write('ffmpeg', script(folder));
  write('ffprobe', 'exec ffprobe "$@"');
  return rig.capture('camera', { kind: 'file', path, ffmpeg: `${folder}/ffmpeg` });
}
