import { silentLog } from '@camstream/core';
import { DemandedRing, type H264Unit, Hardware, h264Encoder, parseConfig } from '@camstream/producer';
import t from 'tap';
import { encodeFixture } from '../../support/h264-fixture.js';
import { annexB, decode, H264Rig } from '../../support/h264-rig.js';
import { until } from '../../support/until.js';

const size = { width: 160, height: 120 };
const text = `
cameras: { main: { source: auto } }
rings: {}
streams: { high: { codec: h264, width: 160, height: 120, rate: 30, encoder: auto } }
`;

t.test('the H.264 of a camera that `auto` comes to later is passed through, without a restart', async (t) => {
  const { rig, pictures } = await H264Rig.open(t, { size, source: { ...size, rate: 30 } });
  process.env.CAMSTREAM_RING_ROOT = rig.root;
  const [stream] = parseConfig({ text, fileName: 'camstream.yaml', folder: '/' }).streams;
  if (stream?.codec.kind !== 'h264') throw new Error('no stream of H.264');
  // A track's frames are as long as they are, like those of JPEG.
  const writer = rig.addon.createRing(rig.ring('camera-h264'), { ...size, format: 'mjpeg', rate: 30 });
  t.teardown(() => writer.close());
  let asked = 0;
  const track = {
    live: { codec: 'h264', ring: 'camera-h264', info: writer.info() },
    requestKeyFrame: () => ++asked,
  };
  const feed: { h264?: typeof track } & Record<string, unknown> = { capture: pictures };
  const units: H264Unit[] = [];
  const encoder = await h264Encoder(
    { addon: rig.addon, log: silentLog, fail: (error: unknown) => t.error(error) } as never,
    stream.codec,
    new Hardware(silentLog),
    new Map([['main', feed]]) as never,
  )(
    stream,
    new DemandedRing(
      { name: 'pictures', conversion: pictures, visits: { follow: () => {} } } as never,
      undefined,
      silentLog,
    ),
    (unit) => units.push(unit),
  );
  rig.adopt(encoder);
  encoder.setActive(true);
  await until('pictures of the encoder', () => units.length > 2);
  t.not(encoder.kind, 'pass-through', 'the test picture is encoded');

  feed.h264 = track; // as CameraFeed has it once `auto` has come to a camera
  const own = encodeFixture({ ...size, pictures: 10, group: 10 }).map((unit) => annexB([unit]));
  // A camera that gives a key frame when it is asked for one.
  let next = 1;
  const playing = setInterval(() => {
    if (next === own.length) next = asked > 0 ? 0 : 1;
    writer.publish(own[next++] as Buffer);
  }, 33);
  t.teardown(() => clearInterval(playing));
  await until('the camera', () => encoder.kind === 'pass-through');
  const first = units.length;
  await until('its pictures', () => units.length > first + 3);
  const mixed = units.slice(units.findLastIndex(({ keyFrame }) => keyFrame));
  t.equal(decode(mixed).length, mixed.length, 'what a viewer gets can be decoded');

  delete feed.h264; // it has gone
  await until('the encoder', () => encoder.kind !== 'pass-through');
});
