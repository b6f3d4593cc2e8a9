import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  Delivery,
  type EncoderFallBack,
  type EncoderProblem,
  type JpegUnit,
  Metrics,
  metricFamilies,
  type Observed,
  Stream,
  statusTable,
  takeStatus,
  unhealthyReasons,
  ViewerQueue,
} from '@camstream/producer';
import t from 'tap';

type Camera = Observed['cameras'][number];

t.test('the status has what cameras, rings, streams and each viewer count', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  const leave = stream.addViewer(viewer('mjpeg', '127.0.0.1:1'));
  stream.addViewer(viewer('mjpeg', '127.0.0.1:2'));
  stream.publish(picture(1));
  leave();
  stream.publish(picture(2));
  const status = takeStatus(observed({ stream }));
  t.match(status, {
    statusVersion: 1,
    service: { name: 'camstream', version: '1.2.3', pid: process.pid, refusedPasswords: 7 },
    health: { status: 'ok', reasons: [] },
    cameras: [
      {
        name: 'main',
        state: 'live',
        source: '/dev/video0',
        ring: 'camera',
        frames: { captured: 100, dropped: 3, corrupt: 2, timesEstimated: 1 },
      },
    ],
    rings: [
      {
        name: 'camera',
        picture: { width: 64, height: 48, format: 'yuyv' },
        published: 100,
        leases: 4,
        revoked: 5,
      },
      { name: 'low', conversion: { state: 'live', converted: 50, skipped: 49, missed: 1, cpuSeconds: 0.25 } },
    ],
    streams: [
      {
        name: 'low',
        camera: 'main',
        codec: 'mjpeg',
        size: { width: 16, height: 16 },
        units: 2,
        encoder: {
          kind: 'sharp',
          step: 1,
          steps: ['quality 80', 'quality 60'],
          steppedDown: 3,
          steppedUp: 2,
          latenessMs: 12.3,
          framesDropped: 1,
        },
        viewers: [{ protocol: 'mjpeg', address: '127.0.0.1:2', sent: 2, dropped: 0, bytes: 14 }],
        delivered: { mjpeg: { viewers: 1, sent: 3, dropped: 0, bytes: 21 } },
      },
    ],
  });
  t.equal(status.streams[0]?.viewers.length, 1);
  t.doesNotThrow(() => JSON.stringify(status), 'no number that JSON cannot carry');
});

t.test(
  'an encoder that stands in for a better one is told with why and until when, and is no fault',
  async (t) => {
    const problem = { code: 'ENCODER_HUNG', message: 'it gave nothing' };
    const fallBack = { from: 'h264_vaapi', problem, retryInMs: 59_600 };
    const status = takeStatus(observed({ fallBack }));
    t.same(status.streams[0]?.encoder.fallBack, { from: 'h264_vaapi', ...problem, retryInSeconds: 60 });
    t.match(statusTable(status), / sharp for h264_vaapi /);
    t.equal(status.health.status, 'ok');
    const metrics = new Metrics(() => status);
    t.match(await metrics.text(), /^camstream_encoder_fallback\{stream="low"\} 1$/m);
  },
);

t.test('health names every camera, ring and encoder that does not do its work', async (t) => {
  const failed = { kind: 'failed', code: 'DEVICE_NOT_FOUND', message: 'gone' } as const;
  const problem = { code: 'ENCODER_FAILED', message: 'libx264 ended' };
  t.same(unhealthyReasons(observed({ state: failed, problem })), [
    'camera main: DEVICE_NOT_FOUND: gone',
    'stream low: ENCODER_FAILED: libx264 ended',
  ]);
  t.same(unhealthyReasons(observed({ state: { kind: 'stalled' } })), ['camera main: no frames']);
  t.same(unhealthyReasons(observed()), []);
  const status = takeStatus(observed({ state: failed, problem }));
  t.match(status.health, { status: 'failing' });
  t.match(status.cameras[0], { state: 'failed', reason: { code: 'DEVICE_NOT_FOUND' } });
  t.match(status.streams[0]?.encoder, { problem });
});

t.test('a ring that is being made anew has no picture, and the rest is told', async (t) => {
  const info = () => {
    throw Object.assign(new Error('not ready'), { code: 'RING_NOT_READY' });
  };
  const status = takeStatus(observed({ info }));
  t.match(status.rings[0], { name: 'main', picture: undefined, published: 100 });
});

t.test('metrics are those numbers in the text format, with help and type', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  stream.addViewer(viewer('rtsp-udp', '127.0.0.1:1'));
  stream.publish(picture(1));
  let taken = 0;
  const metrics = new Metrics(() => {
    ++taken;
    return takeStatus(observed({ stream }));
  });
  const text = await metrics.text();
  for (const line of [
    '# HELP camstream_camera_frames_dropped_total Frames lost before the ring.',
    '# TYPE camstream_camera_frames_dropped_total counter',
    'camstream_camera_frames_dropped_total{camera="main"} 3',
    'camstream_info{version="1.2.3"} 1',
    'camstream_healthy 1',
    'camstream_ring_leases{ring="camera"} 4',
    'camstream_conversion_cpu_seconds_total{ring="low"} 0.25',
    'camstream_encoder_info{stream="low",kind="sharp"} 1',
    'camstream_encoder_step{stream="low"} 1',
    'camstream_encoder_lateness_seconds{stream="low"} 0.0123',
    'camstream_viewers{stream="low",protocol="rtsp-udp"} 1',
    'camstream_viewer_bytes_total{stream="low",protocol="rtsp-udp"} 7',
  ])
    t.ok(text.split('\n').includes(line), line);
  t.match(text, /^process_cpu_seconds_total \d/m);
  t.match(text, /^nodejs_eventloop_lag_seconds \d/m);
  t.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
  stream.publish(picture(2));
  t.match(await metrics.text(), /^camstream_stream_units_total\{stream="low",codec="mjpeg"\} 2$/m);
  t.equal(taken, 2, 'counters are read when somebody asks, and once');
});

t.test('docs/metrics.md lists every metric of ours, and no other', async (t) => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/metrics.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `(camstream_\w+)` \| (\w+) \|/gm)].map(([, name, kind]) => [
    name,
    kind,
  ]);
  t.same(
    listed,
    metricFamilies.map(({ name, kind }) => [name, kind]),
    'in the same order',
  );
});

interface Changes {
  readonly stream?: Stream<JpegUnit>;
  readonly state?: Camera['state'];
  readonly problem?: EncoderProblem;
  readonly fallBack?: EncoderFallBack;
  readonly info?: Camera['capture']['info'];
}

function observed({ stream, state = { kind: 'live' }, problem, fallBack, info }: Changes = {}): Observed {
  const counters = { members: 2, leased: 4, revoked: 5, slotCount: 10, fileSize: 1000 };
  const source = { io: 'mmap', zeroCopy: { queued: 0, matched: 0 }, state: 'live' } as const;
  return {
    version: '1.2.3',
    h264Encoders: () => [{ encoder: 'libx264', works: true, reason: '' }],
    cameras: [
      {
        name: 'main',
        source: { kind: 'v4l2', path: '/dev/video0' },
        state,
        capture: {
          status: () => ({
            ...counters,
            ...source,
            published: 100,
            description: 'a camera',
            framesDropped: 3,
            framesCorrupt: 2,
            timesEstimated: 1,
          }),
          info: info ?? (() => ringInfo('camera')),
        },
        tracks: () => [],
      },
    ],
    conversions: [
      {
        name: 'low',
        state: { kind: 'live' },
        conversion: {
          status: () => ({
            ...counters,
            published: 50,
            converted: 50,
            skipped: 49,
            missed: 1,
            convertNsTotal: 250_000_000,
          }),
          info: () => ringInfo('low'),
        },
      },
    ],
    streams: [
      {
        stream: stream ?? new Stream<JpegUnit>('low', { add() {}, remove() {} }),
        config: { camera: 'main', codec: { kind: 'mjpeg' } },
        encoder: {
          kind: 'sharp',
          step: 1,
          steps: [
            { text: 'quality 80', rate: 30 },
            { text: 'quality 60', rate: 30 },
          ],
          load: () => ({ latenessMs: 12.34, framesIn: 3, unitsOut: 2, framesDropped: 1, restarts: 0 }),
          problem,
          fallBack,
        },
      },
    ],
    loadOf: () => ({ steppedDown: 3, steppedUp: 2, strain: 'calm' }),
    refusedPasswords: () => 7,
  };
}

function ringInfo(name: string): ReturnType<Camera['capture']['info']> {
  return {
    name,
    ringId: '0'.repeat(32),
    fourcc: 0x56595559,
    width: 64,
    height: 48,
    planes: [{ offset: 0, stride: 128, rows: 48 }],
    slotCount: 10,
    slotStride: 8192,
    payloadCapacity: 6144,
    fileSize: 1000,
    matrix: 6,
    primaries: 6,
    range: 1,
    rateNumerator: 30,
    rateDenominator: 1,
    producerPid: 1,
    leaseSlots: 4,
    leaseQuota: 1,
    layoutMajor: 1,
    layoutMinor: 0,
    monotonicNs: 0n,
    realtimeNs: 0n,
  };
}

function viewer(protocol: 'mjpeg' | 'rtsp-udp', address: string): ViewerQueue {
  return new ViewerQueue({ send: () => true, end() {} }, new Delivery(protocol, address));
}

function picture(sequence: number): JpegUnit {
  const capturedAtNs = process.hrtime.bigint();
  return { codec: 'jpeg', data: Buffer.from('picture'), sequence, capturedAtNs, width: 16, height: 16 };
}
