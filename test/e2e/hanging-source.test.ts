import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import t from 'tap';
import { RawReader, Watcher } from '../camera/attached.js';
import { childrenOf } from '../support/child-processes.js';
import { Service } from '../support/service.js';
import { SteadyViewer } from '../support/steady-viewer.js';
import { until } from '../support/until.js';

if (spawnSync('gst-inspect-1.0', ['videotestsrc']).status !== 0) {
  t.plan(0, 'no GStreamer here: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base');
  process.exit();
}

t.setTimeout(180_000);
const live = 'videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=30/1';
// Its first 150 pictures, and then silence from a pipeline that goes on running.
const first = live.replace('is-live=true', 'is-live=true num-buffers=150');
const silent = `${first} ! c.sink_0 appsrc ! c.sink_1 concat name=c`;

for (const [what, pipeline, hang] of [
  ['a GStreamer source whose process stands still', live, (child: number) => process.kill(child, 'SIGSTOP')],
  ['a GStreamer source that runs and gives nothing any more', silent, () => {}],
] as const) {
  t.test(`${what} is started anew; readers and viewers are served again`, async (t) => {
    const config = `
cameras: { main: { source: "gst:${pipeline}" } }
rings: {}
streams:
  low: { width: 320, height: 180, rate: 10 }
  high: { width: 320, height: 180, rate: 10, codec: h264 }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`;
    const service = await Service.start(t, { config });
    process.env.CAMSTREAM_RING_ROOT = service.ringRoot;
    const viewer = await Watcher.open(t, service.urls('low')[0]);
    const film = await SteadyViewer.rtsp(t, service.rtspUrl('high'), 'tcp');
    const raw = await RawReader.open(t, 'camera');
    await raw.next(3);
    t.ok(await viewer.picture(), 'pictures');
    await until('pictures by RTSP', () => film.pictures > 5);
    const children = () => childrenOf(service.child.pid ?? 0, 'camstream-gst');
    const [child = 0] = children();
    hang(child);
    t.ok(await viewer.notice(), 'a notice while nothing comes, on the same connection');
    await service.until((lines) => lines.some(({ code }) => code === 'CAMERA_STALLED'));
    await raw.next(5);
    t.ok(await viewer.picture(), 'the same reader and viewer have pictures again');
    const before = film.pictures;
    await until('more pictures by RTSP, over the same connection', () => film.pictures > before + 10);
    t.comment(`H.264 by RTSP: the longest gap was ${film.longestGapMs.toFixed(0)} ms`);
    t.ok(film.longestGapMs < 20_000, 'it went on by itself');
    await until('the end of what hung', () => !existsSync(`/proc/${child}/exe`));
    t.equal(children().length, 1, 'another process, and one only');
    t.equal(service.child.exitCode, null, 'no restart of the service');
  });
}
