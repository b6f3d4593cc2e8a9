import t, { type Test } from 'tap';
import { CaptureRig, type RunningCapture } from '../support/capture-rig.js';
import { type Observed, RingObserver } from '../support/ring-observer.js';
import { barPlaces, distanceFromBars, sendSignal, setControl, vividNode } from './vivid.js';

const tolerance = 6; // levels: rounding, twice
const webcam = vividNode('vivid-000-vid-cap');
const hdmi = vividNode('vivid-001-vid-cap');
const multiPlanar = vividNode('vivid-002-vid-cap');
const formats = ['yuyv', 'nv12', 'nv21', 'uyvy', 'i420', 'yv12', 'rgb24', 'bgr24', 'gray8'] as const;
t.setTimeout(300_000); // code runs several times slower in the machine
const rig = new CaptureRig(t);
const observer = new RingObserver(t);

const sizes = [
  { width: 640, height: 480, io: 'mmap' },
  { width: 640, height: 480, io: 'userptr' },
  { width: 320, height: 180, io: 'mmap' }, // rows of chroma that do not fill whole lines of the cache
  { width: 1280, height: 720, io: 'userptr' },
] as const;
for (const format of formats) {
  for (const { io, ...size } of sizes) {
    t.test(
      `${size.width}x${size.height} ${format} from a webcam, ${io}, seen by another process`,
      async (t) => {
        const camera = await capture(format, io, size);
        const frames = size.width === 640 ? 10 : 4;
        const observed = await observer.observe({ ring: 'webcam', frames, places: barPlaces });
        t.match(observed.info, { ...size, format });
        checkPictures(t, camera, observed, io);
        await camera.native.close();
      },
    );
  }
}

for (const format of ['yuyv', 'nv12'] as const) {
  for (const io of ['mmap', 'userptr'] as const) {
    t.test(`1080p60 ${format} from an HDMI input, ${io}, seen by another process`, async (t) => {
      sendSignal(hdmi, 1920, 1080);
      const camera = await rig.capture('hdmi', { kind: 'v4l2', path: hdmi, format, io });
      const observed = await observer.observe({ ring: 'hdmi', frames: 20, places: barPlaces });
      t.match(observed.info, { width: 1920, height: 1080, format, rate: 60 });
      checkPictures(t, camera, observed, io);
      await camera.native.close();
    });
  }
}

// Of the multi-planar interface: formats in one piece of memory, and those with a piece for each plane.
const several = [
  ...formats.flatMap((format) => [
    { format, ring: format, width: 320, height: 180 },
    { format, ring: format, width: 1280, height: 720 },
  ]),
  ...(['nv12', 'nv21', 'i420', 'yv12'] as const).flatMap((ring, index) => {
    const format = ['NM12', 'NM21', 'YM12', 'YM21'][index] as string;
    return [
      { format, ring, width: 640, height: 360 },
      { format, ring, width: 1280, height: 720 },
    ];
  }),
];
for (const { format, ring, width, height } of several) {
  t.test(`${width}x${height} ${format} of the multi-planar interface`, async (t) => {
    const camera = await rig.capture('webcam', { kind: 'v4l2', path: multiPlanar, width, height, format });
    const observed = await observer.observe({ ring: 'webcam', frames: 5, places: barPlaces });
    t.match(observed.info, { width, height, format: ring });
    checkPictures(t, camera, observed, 'userptr');
    await camera.native.close();
  });
}

t.test('a raw format that is none of ours is in the ring as the driver gives it', async (t) => {
  const camera = await capture('NV16');
  const { info, frames } = await observer.observe({ ring: 'webcam', frames: 3, places: [] });
  t.match(info, { format: 'fourcc:NV16', width: 640, height: 480 });
  t.ok(frames.every(({ bytes }) => bytes >= 640 * 480 * 2));
  await t.rejects(
    rig.addon.startConversion(
      camera.native,
      { width: 320, height: 240, fit: 'stretch', format: 'i420', rate: 0, mirror: false, rotate: 0 },
      rig.ring('small'),
      () => {},
    ),
    { code: 'CONVERSION_FORMAT' },
  );
  await camera.native.close();
});

t.test('the driver is asked for what it can do best: USERPTR where it has it', async (t) => {
  const camera = await rig.capture('webcam', { kind: 'v4l2', path: webcam });
  await camera.published(3);
  t.match(camera.native.status(), { io: 'userptr', state: 'live' });
  t.match(camera.native.status().description, /^\/dev\/video\d+ \(vivid\), \d+x\d+ yuyv \d+\/s, USERPTR$/);
  await camera.native.close();
});

t.test('frames that the driver lost are counted, in the status and in the frame that follows', async (t) => {
  setControl(webcam, 'percentage_of_dropped_buffers', 40);
  t.teardown(() => setControl(webcam, 'percentage_of_dropped_buffers', 0));
  setControl(webcam, 'timestamp_source', 1); // times that can be true, and are kept
  const camera = await capture('yuyv');
  const { info, frames } = await observer.observe({ ring: 'webcam', frames: 30, places: [] });
  const told = frames.reduce((sum, frame) => sum + frame.droppedBefore, 0);
  t.ok(told > 0, `${told} lost before ${frames.length} frames`);
  // The driver's times say the same of each pair of neighbours, and know nothing of anybody's count.
  const pairs = frames.slice(1).flatMap((frame, index) => {
    const before = frames[index] as (typeof frames)[number];
    if (frame.missed > 0 || frame.flags.estimatedTime || before.flags.estimatedTime) return [];
    const periods = Math.round(((frame.capturedAtNs - before.capturedAtNs) * info.rate) / 1e9);
    return [{ told: frame.droppedBefore, seen: periods - 1 }];
  });
  t.ok(pairs.length > frames.length / 2, `${pairs.length} pairs to compare`);
  t.same(
    pairs.filter(({ told, seen }) => told !== seen),
    [],
    'as many as periods are missing between the times of two frames',
  );
  t.ok(camera.native.status().framesDropped >= told);
  await camera.native.close();
});

t.test('a picture that the driver flags is passed on, flagged', async (t) => {
  const camera = await capture('yuyv');
  const seen = observer.observe({ ring: 'webcam', frames: 40, places: [] });
  await camera.published(5);
  setControl(webcam, 'inject_v4l2_buf_flag_error', 1);
  const { frames } = await seen;
  t.equal(camera.native.status().framesCorrupt, 1);
  t.equal(frames.filter((frame) => frame.flags.corrupt).length, 1);
  await camera.native.close();
});

t.test("the driver's time is taken where it can be true", async (t) => {
  // From the start of the exposure: a moment ago.
  setControl(webcam, 'timestamp_source', 1);
  const camera = await capture('yuyv');
  const { frames } = await observer.observe({ ring: 'webcam', frames: 20, places: [] });
  await camera.native.close();
  const taken = frames.filter((frame) => !frame.flags.estimatedTime);
  t.ok(taken.length > frames.length / 2, `${taken.length} of ${frames.length}`);
  t.ok(frames.every((frame) => frame.capturedAtNs <= frame.publishedAtNs));
});

t.test('a time that lies in the future is replaced and flagged', async (t) => {
  // vivid gives the end of the exposure as it will be.
  setControl(webcam, 'timestamp_source', 0);
  const camera = await capture('yuyv');
  const { frames } = await observer.observe({ ring: 'webcam', frames: 20, places: [] });
  t.ok(camera.native.status().timesEstimated > 0);
  await camera.native.close();
  t.ok(frames.some((frame) => frame.flags.estimatedTime));
  t.ok(frames.every((frame) => frame.capturedAtNs <= frame.publishedAtNs));
});

/** The webcam, at 640x480 where nothing else is said. */
function capture(
  format: string,
  io: 'auto' | 'mmap' | 'userptr' = 'auto',
  size = { width: 640, height: 480 },
): Promise<RunningCapture> {
  return rig.capture('webcam', { kind: 'v4l2', path: webcam, ...size, format, io });
}

function checkPictures(
  t: Test,
  camera: RunningCapture,
  { info, frames, colours }: Observed,
  io: string,
): void {
  const distance = distanceFromBars(colours, info.format === 'gray8');
  t.ok(distance <= tolerance, `colour bars, at most ${distance.toFixed(1)} levels off`);
  const jumps = frames.slice(1).filter((frame, index) => {
    const before = frames[index] as (typeof frames)[number];
    return frame.sequence !== before.sequence + 1 + frame.missed;
  });
  t.same(jumps, [], 'sequence contiguous, or the gap counted');
  const status = camera.native.status();
  t.equal(status.io, io);
  t.equal(status.framesCorrupt, 0);
  const { queued, matched } = status.zeroCopy;
  if (io === 'mmap') {
    t.same({ queued, matched }, { queued: 0, matched: 0 });
  } else {
    t.ok(
      matched >= frames.length && queued >= matched,
      `${matched} of ${queued} pointers queued came back as slots`,
    );
  }
  t.comment(
    `${camera.native.status().description}: ${status.published} frames, ${status.framesDropped} dropped`,
  );
}
