import { execFileSync, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Frame } from '@camstream/consumer';
import t from 'tap';
import { CaptureRig } from '../../support/capture-rig.js';
import { childOf, childrenOf } from '../../support/child-processes.js';
import { colourAt, colourDistance, type Rgb } from '../../support/pixel-colour.js';
import { until } from '../../support/until.js';

if (spawnSync('gst-inspect-1.0', ['videotestsrc']).status !== 0) {
  t.plan(0, 'no GStreamer here: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base');
  process.exit();
}

const program = new URL('./capture-process.js', import.meta.url);
const rig = new CaptureRig(t);
const small = 'video/x-raw,width=160,height=120,framerate=50/1';
const endless = `videotestsrc is-live=true ! ${small}`;
const formats = [
  ['yuyv', 'YUY2'],
  ['uyvy', 'UYVY'],
  ['nv12', 'NV12'],
  ['i420', 'I420'],
  ['rgb24', 'RGB'],
  ['bgr24', 'BGR'],
  ['gray8', 'GRAY8'],
] as const;
const bars: readonly Rgb[] = [
  [191, 191, 191],
  [191, 191, 0],
  [0, 191, 191],
  [0, 191, 0],
  [191, 0, 191],
  [191, 0, 0],
  [0, 0, 191],
];

/** Starts a pipeline into the ring `camera`. */
function play(
  pipeline: string,
  wish: { width?: number; height?: number; rate?: number; format?: string } = {},
) {
  return rig.capture('camera', { kind: 'gst', pipeline, ...wish });
}

/** Calls `look` with so many frames of the ring `camera`, one after the other. */
async function watch(count: number, look: (frame: Frame) => void): Promise<void> {
  const reader = await connect('camera', { timeoutMs: 20_000 });
  let seen = 0;
  for await (const frame of reader.frames('every')) {
    look(frame);
    if (++seen === count) break;
  }
  reader.close();
}

for (const [format, gstFormat] of formats) {
  t.test(`a pipeline's ${gstFormat} is ${format}, unconverted, rows padded as GStreamer does`, async (t) => {
    // 75 % bars of 323 pixels: no row is a multiple of four bytes long, no chroma plane half as high.
    const size = 'width=323,height=243,framerate=30/1';
    const bars75 = (caps: string) =>
      `videotestsrc is-live=true pattern=smpte75 ! video/x-raw,${size},${caps}`;
    const pipelines: Record<string, string> = {
      // The test source paints grey bars of limited range and does not say so; its converter does it right.
      gray8: `${bars75('format=RGB')} ! videoconvert ! video/x-raw,format=GRAY8`,
      nv12: bars75('format=NV12,colorimetry=bt709'),
    };
    const camera = await play(pipelines[format] ?? bars75(`format=${gstFormat}`));
    t.match(camera.native.info(), { width: 323, height: 243, rateNumerator: 30, rateDenominator: 1 });
    await watch(1, (frame) => {
      t.equal(frame.format, format);
      for (const { stride } of frame.planes) t.equal(stride % 4, 0, `rows of ${stride} bytes`);
      for (const [index, bar] of bars.entries()) {
        const luma = 0.299 * bar[0] + 0.587 * bar[1] + 0.114 * bar[2];
        const wanted: Rgb = format === 'gray8' ? [luma, luma, luma] : bar;
        const seen = colourAt(frame, Math.floor(((index + 0.5) * 323) / 7), 60);
        t.ok(colourDistance(seen, wanted) <= 8, `bar ${index}: wanted ${wanted}, found ${seen}`);
      }
    });
    await camera.native.close();
  });
}

t.test('what gives none of our formats is converted, and a format wished is granted', async (t) => {
  const bgrx = 'videotestsrc is-live=true pattern=red ! video/x-raw,format=BGRx,width=160,height=120';
  for (const [format, wanted] of [
    ['', 'rgb24'], // the nearest to it, by GStreamer's own judgement
    ['nv12', 'nv12'],
  ] as const) {
    const camera = await play(bgrx, { format });
    await watch(1, (frame) => {
      t.equal(frame.format, wanted);
      t.ok(colourDistance(colourAt(frame, 80, 60), [255, 0, 0]) <= 6, 'red');
    });
    await camera.native.close();
  }
});

t.test('size and rate wished are granted by a source that can, and refused by one that cannot', async (t) => {
  const camera = await play('videotestsrc is-live=true', { width: 200, height: 100, rate: 12.5 });
  t.match(camera.native.info(), { width: 200, height: 100, rateNumerator: 25, rateDenominator: 2 });
  await camera.native.close();
  await t.rejects(play(endless, { width: 200, height: 100 }), {
    code: 'GST_FORMAT',
    message: /wanted 200x100 \(mode\), .*videoscale/,
  });
});

t.test("a frame's time is that of its capture, not of its arrival", async (t) => {
  const rounds = [
    ['at once', endless, 0],
    ['15 ms later', `${endless} ! queue ! identity sleep-time=15000`, 15],
  ] as const;
  for (const [name, pipeline, atLeastMs] of rounds) {
    const camera = await play(pipeline);
    const ages: number[] = [];
    const steps: number[] = [];
    let before: bigint | undefined;
    await watch(50, (frame) => {
      ages.push(Number(process.hrtime.bigint() - frame.capturedAtNs) / 1e6);
      if (before !== undefined && frame.missed + frame.droppedBefore === 0) {
        steps.push(Number(frame.capturedAtNs - before) / 1e6);
      }
      before = frame.capturedAtNs;
      t.notOk(frame.flags.estimatedTime);
    });
    ages.sort((a, b) => a - b);
    const at = (part: number) => (ages[Math.floor(part * (ages.length - 1))] ?? 0).toFixed(2);
    t.comment(
      `${name}: age when read ${at(0)} / ${at(0.5)} / ${at(0.9)} / ${at(1)} ms (least, median, 90 %, most)`,
    );
    t.ok((ages[0] ?? -1) >= atLeastMs, 'no frame is younger than its way here takes');
    t.ok((ages[25] ?? 1e9) < atLeastMs + 500, 'nor much older');
    const jitter = Math.max(...steps.map((step) => Math.abs(step - 20)));
    t.ok(steps.length > 10 && jitter < 0.001, `${jitter} ms of jitter in ${steps.length} steps of 20 ms`);
    t.equal(camera.native.status().timesEstimated, 0);
    await camera.native.close();
  }
});

t.test('a pipeline that is not live is played at its own rate', async (t) => {
  const camera = await play(`videotestsrc ! ${small}`);
  const times: bigint[] = [];
  await watch(26, (frame) => times.push(frame.capturedAtNs));
  const tookMs = Number((times.at(-1) ?? 0n) - (times[0] ?? 0n)) / 1e6;
  t.ok(tookMs >= 499, `${tookMs} ms for 25 periods of 20 ms`);
  t.equal(camera.native.status().framesDropped, 0);
  await camera.native.close();
});

t.test('a pipeline that changes its size gets another ring, and readers follow', async (t) => {
  const size = (width: number) => `video/x-raw,format=NV12,width=${width},height=120,framerate=50/1`;
  const pipeline =
    `videotestsrc is-live=true num-buffers=40 ! ${size(160)} ! c.sink_0 ` +
    `videotestsrc is-live=true ! ${size(222)} ! c.sink_1 concat name=c`;
  const camera = await play(pipeline);
  t.match(camera.native.info(), { width: 160 });
  const [child] = childrenOf(process.pid, 'camstream-gst');
  const widths = new Set<number>();
  const reader = await connect('camera', { timeoutMs: 20_000 });
  for await (const frame of reader.frames()) {
    widths.add(frame.width);
    if (frame.width === 222) break;
  }
  reader.close();
  t.same([...widths], [160, 222]);
  await camera.event('rebuilt');
  t.same(childrenOf(process.pid, 'camstream-gst'), [child], 'and it is still the same pipeline');
  t.notOk(camera.events.some(({ kind }) => kind === 'failed'));
  await camera.native.close();
});

t.test('a pipeline that comes to its end starts again; one that ends at once waits between', async (t) => {
  const camera = await play(`videotestsrc is-live=true num-buffers=60 ! ${small}`);
  await camera.event('ended');
  const before = camera.native.status().published;
  await camera.published(before + 10);
  t.notOk(camera.events.some(({ kind }) => kind === 'failed'));
  await camera.native.close();

  const short = await play(`videotestsrc is-live=true num-buffers=5 ! ${small}`);
  t.match(await short.event('failed'), { code: 'GST_ENDED', message: /after 5 pictures/ });
  await short.event('recovered');
  await short.native.close();
});

t.test('a pipeline that gives nothing any more is started anew', async (t) => {
  const camera = await play(
    `videotestsrc is-live=true num-buffers=20 ! ${small} ! c.sink_0 appsrc ! c.sink_1 concat name=c`,
  );
  t.match(await camera.event('failed'), { code: 'CAMERA_STALLED', message: /no frame for 2 s/ });
  await camera.event('recovered');
  await camera.native.close();
});

t.test('a child that stands still, and one that is killed, are replaced', async (t) => {
  const camera = await play(endless);
  await camera.published(5);
  for (const [signal, code] of [
    ['SIGSTOP', 'CAMERA_STALLED'],
    ['SIGKILL', 'GST_FAILED'],
  ] as const) {
    const seen = camera.events.length;
    const child = childOf(process.pid, 'camstream-gst');
    process.kill(child, signal);
    t.match(await camera.event('failed', seen), { code });
    await camera.event('recovered', seen);
    t.notOk(childrenOf(process.pid, 'camstream-gst').includes(child));
  }
  await camera.native.close();
  t.same(childrenOf(process.pid, 'camstream-gst'), []);
});

t.test("what is wrong with a pipeline is told at once, in our words and GStreamer's", async (t) => {
  const cases: [string, string, RegExp][] = [
    ['videotestsrc ! ! x', 'GST_SYNTAX', /this is no pipeline: syntax error.*gst-launch-1\.0/],
    ['videotestsrc foo=1', 'GST_SYNTAX', /no property "foo" in element "videotestsrc"/],
    ['videotestsrc ! nosuchthing', 'GST_ELEMENT', /no element "nosuchthing".*grep -w -B1 nosuchthing/],
    ['nvnosuchsrc', 'GST_ELEMENT', /from NVIDIA/],
    ['audiotestsrc', 'GST_NO_VIDEO', /could not link.*video\/x-raw/],
    [`${endless} ! fakesink`, 'GST_NO_VIDEO', /leave its sink out/],
    ['filesrc location=/etc/passwd ! decodebin', 'GST_FAILED', /appears to be a text file/],
    ['filesrc location=/nonexistent ! decodebin', 'GST_FAILED', /nonexistent/],
    ['v4l2src device=/dev/video77', 'GST_FAILED', /Cannot identify device '\/dev\/video77'/],
    ['videotestsrc num-buffers=0', 'GST_NO_VIDEO', /its end without a picture/],
    ['videotestsrc ! video/x-raw,interlace-mode=interleaved', 'GST_INTERLACED', /deinterlace/],
  ];
  for (const [pipeline, code, message] of cases) await t.rejects(play(pipeline), { code, message }, pipeline);
  t.same(childrenOf(process.pid, 'camstream-gst'), [], 'nothing is left of them');
});

t.test('an element that is not installed is named with its package', async (t) => {
  // A machine that has GStreamer's core and nothing else.
  const { filename = '' } =
    /Filename\s+(?<filename>\S+)/.exec(execFileSync('gst-inspect-1.0', ['fakesink'], { encoding: 'utf8' }))
      ?.groups ?? {};
  const folder = t.testdir({ 'core.so': t.fixture('symlink', filename) });
  const said = pipelineErrors({
    GST_PLUGIN_SYSTEM_PATH_1_0: folder,
    GST_REGISTRY_1_0: `${folder}/registry.bin`,
  });
  t.match(said, /GST_ELEMENT: .*no element "v4l2src".*`apt-get install gstreamer1\.0-plugins-good`/);
  t.match(said, /`videoconvert` is in the Debian package gstreamer1\.0-plugins-base/);
});

t.test('a machine without GStreamer is told what to install', async (t) => {
  const folder = t.testdir({ 'libgstreamer-1.0.so.0': 'no library' });
  const said = pipelineErrors({ LD_LIBRARY_PATH: folder });
  t.match(said, /GST_MISSING: .*`apt-get install gstreamer1\.0-plugins-base gstreamer1\.0-plugins-good`/);
});

t.test('the child dies with its producer, also at kill -9', async (t) => {
  const producer = fork(program, [JSON.stringify({ kind: 'gst', pipeline: endless })]);
  await once(producer, 'message');
  const [child] = childrenOf(producer.pid ?? 0, 'camstream-gst');
  if (!child) throw new Error('no camstream-gst');
  producer.kill('SIGKILL');
  await once(producer, 'exit');
  await until('the end of the pipeline', () => !existsSync(`/proc/${child}/exe`));
  t.pass();
});

/** What a capture of v4l2src says in a process of its own with these variables. */
function pipelineErrors(env: Record<string, string>): string {
  const script = `
    const { loadCameraAddon } = await import(${JSON.stringify(import.meta.resolve('@camstream/core'))});
    const pipeline = 'v4l2src device=/dev/video0';
    const source = { kind: 'gst', pipeline, width: 0, height: 0, rate: 0, format: '' };
    const ring = ${JSON.stringify(rig.ring('camera'))};
    await loadCameraAddon()
      .startCapture(source, ring, () => {})
      .catch((error) => console.log(error.code + ': ' + error.message));
  `;
  const args = ['--input-type=module', '-e', script];
  return execFileSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env } });
}
