import { loadCameraAddon } from '@camstream/core';
import t, { type Test } from 'tap';
import { distribution } from '../support/distribution.js';
import {
  ffmpegPlayer,
  gstreamerPlayer,
  type PlayedPicture,
  type Watched,
  watchWith,
} from '../support/players.js';
import { Service } from '../support/service.js';

// The service as it is started by people, watched over RTSP by the players that people use. Every picture
// carries a block code with its sequence number and capture time.

const addon = loadCameraAddon();
const service = await Service.start(t);
const low = service.rtspUrl('low');
const medium = service.rtspUrl('medium');
const lowPicture: PlayedPicture = { format: 'gray8', width: 640, height: 480, barRows: 60 };
const mediumPicture: PlayedPicture = { format: 'gray8', width: 1280, height: 720 };

for (const transport of ['tcp', 'udp'] as const) {
  t.test(`ffmpeg plays an MJPEG stream (${transport})`, async (t) => {
    check(t, await watchWith(addon, ffmpegPlayer(medium, transport, 30), mediumPicture), 30);
  });
  t.test(`GStreamer plays an MJPEG stream (${transport})`, async (t) => {
    check(t, await watchWith(addon, gstreamerPlayer(low, transport, 'jpeg', 20), lowPicture), 20);
  });
}

function check(t: Test, { codes, latenciesMs, pictures, errors }: Watched, wanted: number): void {
  t.comment(`capture to decoded picture, ms: ${distribution(latenciesMs)}`);
  t.equal(pictures, wanted, errors);
  t.equal(codes.length, wanted, 'every picture can be read');
  t.same(
    codes,
    [...codes].sort((a, b) => a - b),
    'in order',
  );
}
