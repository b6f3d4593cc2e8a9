import { connect, type RingReader } from '@camstream/consumer';
import t from 'tap';
import { CaptureRig } from '../support/capture-rig.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { colourAt, colourDistance, type Rgb } from '../support/pixel-colour.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';
import { noisyJpegs, PlayedCamera, withHole, withoutTables } from './played-camera.js';

// Good pictures are green, all others red: one red pixel seen is one too many.
const green: Rgb = [0, 128, 0];
const tolerance = 60; // of noise and the codec; red is 255 away
t.setTimeout(300_000); // code runs several times slower in the machine
const rig = new CaptureRig(t);

t.test(
  'a camera that gives JPEG: damaged pictures reach no reader, and one that sends nothing else has stalled',
  async (t) => {
    const path = '/dev/video20';
    const whole = noisyJpegs('green', '320x240', 6);
    const bare = whole.map(withoutTables);
    const red = noisyJpegs('red', '320x240', 2);
    const damaged = [
      ...red.map((jpeg) => jpeg.subarray(0, jpeg.length >> 1)),
      ...red.map((jpeg) => jpeg.subarray(0, jpeg.length - 2)),
      ...red.map(withHole),
      ...red.map((jpeg) => withHole(withoutTables(jpeg))),
      ...noisyJpegs('red', '160x120', 1),
      Buffer.alloc(3000, 0xff),
      Buffer.from('no picture at all'),
    ];
    const played = new PlayedCamera(t, path, 320, 240);
    const start = played.play(whole, 10);
    const camera = await until('the camera', async () =>
      rig.capture('camera', { kind: 'v4l2', path }).catch(() => undefined),
    );
    await camera.published(3);
    start.stop();
    t.match(camera.native.status(), { state: 'live', framesCorrupt: 0 });
    t.match(camera.native.status().description, /320x240 mjpeg/);
    t.match(camera.native.tracks(), [{ codec: 'jpeg', ring: 'camera-jpeg' }]);

    const raw = await connect('camera', { timeoutMs: 5000 });
    const track = await connect('camera-jpeg', { timeoutMs: 5000 });
    t.match(raw.info, { format: 'i420', colour: { matrix: 'bt601', range: 'full' } });
    t.match(track.info, { format: 'mjpeg', width: 320, height: 240 });
    const mixed = damaged.flatMap((picture, index) => [
      picture,
      (index % 2 === 0 ? bare : whole)[index % 6] as Buffer,
    ]);
    const playing = played.play(mixed, 10);
    const seen = Promise.all([watchRaw(raw, 20), watchTrack(track, 20)]);
    // v4l2loopback passes over what a slow machine does not fetch in time.
    await until('all kinds of damage', () => camera.native.status().framesCorrupt >= damaged.length);
    const [{ distance, dropped, flagged }, pictures] = await seen;
    playing.stop();
    t.ok(distance <= tolerance, `every pixel looked at is green, at most ${distance.toFixed(0)} levels off`);
    t.equal(flagged, 0);
    t.ok(dropped > 0, `${dropped} pictures were left out between those`);
    t.ok(
      pictures.some((jpeg) => whole.some((good) => jpeg.equals(good))),
      'whole pictures are kept as they are',
    );
    t.ok(
      pictures.every((jpeg) => jpeg.includes(Buffer.from([0xff, 0xc4])) && jpeg.subarray(-2).equals(end)),
      'every picture of the track has its tables, and ends',
    );
    const notices = camera.events.filter(
      (event) => event.kind === 'notice' && event.code === 'DEVICE_PICTURE',
    );
    t.equal(notices.length, 1, 'told once');
    track.close();

    // Nothing but damage is no picture at all: the camera is opened anew until there are some again.
    const bad = played.play(damaged, 10);
    const failed = await camera.event('failed');
    t.equal(failed.code, 'CAMERA_STALLED');
    bad.stop();
    played.play(whole, 10);
    await camera.event('recovered');
    t.ok((await watchRaw(raw, 3)).distance <= tolerance, 'the same reader sees the camera again');
    raw.close();
    await camera.native.close();
  },
);

const end = Buffer.from([0xff, 0xd9]);

/** How far the colours of all frames are from green, what they say was lost, and how many are flagged. */
async function watchRaw(reader: RingReader, count: number) {
  let [seen, distance, dropped, flagged] = [0, 0, 0, 0];
  for await (const frame of reader.frames('every')) {
    for (let x = 4; x < frame.width; x += 8) {
      for (let y = 4; y < frame.height; y += 8) {
        distance = Math.max(distance, colourDistance(colourAt(frame, x, y), green));
      }
    }
    dropped += frame.droppedBefore;
    if (frame.flags.corrupt) ++flagged;
    if (++seen === count) break;
  }
  return { distance, dropped, flagged };
}

async function watchTrack(reader: RingReader, count: number): Promise<Buffer[]> {
  const pictures: Buffer[] = [];
  for await (const frame of reader.frames('every')) {
    pictures.push(frame.copy());
    if (pictures.length === count) break;
  }
  return pictures;
}

t.test('H.264 is in the ring as the camera gives it, an access unit a frame', async (t) => {
  const path = '/dev/video21';
  const units = [64, 5000, 700].map((size, index) => Buffer.alloc(size, index + 1));
  const played = new PlayedCamera(t, path, 320, 240, 'H264');
  played.play(units, 10);
  const camera = await until('the camera', async () =>
    rig.capture('camera-h264', { kind: 'v4l2', path, format: 'h264' }).catch(() => undefined),
  );
  const reader = await connect('camera-h264', { timeoutMs: 5000 });
  t.match(reader.info, { format: 'h264', width: 320, height: 240 });
  const found = await watchTrack(reader, 6);
  // v4l2loopback says of the first buffer of a stream that it is full, whatever was written into it.
  const strange = found.slice(1).filter((unit) => !units.some((sent) => sent.equals(unit)));
  t.same(
    strange.map((unit) => ({ firstByte: unit[0], length: unit.length })),
    [],
    'every access unit is whole',
  );
  reader.close();
  await camera.native.close();
});

t.test(
  "a stream of the camera's size passes its pictures through, and shows a notice without them",
  async (t) => {
    const path = '/dev/video20';
    const whole = noisyJpegs('green', '320x240', 6);
    const played = new PlayedCamera(t, path, 320, 240);
    const first = played.play(whole, 10);
    const config = `
cameras: { main: { source: ${path}, stallMs: 2000 } }
rings: {}
streams: { own: { width: 320, height: 240 }, small: { width: 160, height: 120 } }
server: { host: 127.0.0.1, httpPort: 0, rtspPort: 0 }
`;
    const service = await Service.start(t, { config });
    const own = await MjpegViewer.open(service.urls('own')[0]);
    t.teardown(() => own.close());
    const small = await MjpegViewer.open(service.urls('small')[0]);
    t.teardown(() => small.close());
    const isOwn = (data: Buffer) => whole.some((sent) => sent.equals(data));
    const pictures = own.pictures();
    const next = async (wanted: (data: Buffer) => boolean) => {
      for (;;) {
        const { done, value } = await pictures.next();
        if (done) throw new Error('the stream has ended');
        if (wanted(value.data)) return value;
      }
    };
    t.ok(await next(isOwn), 'byte for byte');
    for await (const { data } of small.pictures()) {
      t.notOk(isOwn(data), 'another size is encoded');
      break;
    }
    first.stop();
    t.ok(await next((data) => !isOwn(data)), 'a notice while the camera is silent');
    played.play(whole, 10);
    t.ok(await next(isOwn), 'and its own pictures again');
  },
);
