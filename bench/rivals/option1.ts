/**
 * The specification's option 1: one GStreamer pipeline. What had to be changed so that it runs at all, and
 * what was changed so that it does the same work, is in bench/README.md.
 */

import { BackgroundProcess } from '../harness/background-process.js';
import { freePort } from '../harness/free-port.js';
import {
  type Address,
  type RunningVideoService,
  SETTINGS,
  type VideoService,
} from '../harness/video-service.js';
import { compileFeed, startRelay } from './camera-and-relay.js';

/** As the specification has it. */
export const option1: VideoService = {
  name: 'option 1, GStreamer',
  how: "the specification's pipeline with the fewest changes, and a gst-rtsp-server that it pushes to",
  start: (folder, pictures) => start(folder, pictures, BRANCHES),
};

/** The same with what an expert would do about its cost. */
export const option1Tuned: VideoService = {
  name: 'option 1, tuned',
  how: 'the same; drops pictures before it scales them, one conversion to 4:2:0, which JPEG keeps',
  start: (folder, pictures) => start(folder, pictures, TUNED_BRANCHES),
};

interface Branch {
  /** From the tee to the encoder. */
  readonly high: string;
  readonly medium: string;
  readonly low: string;
}

const BRANCHES: Branch = {
  high:
    'videoscale ! video/x-raw,width=1920,height=1080 ! videorate ! video/x-raw,framerate=30/1 ! ' +
    'videoconvert ! video/x-raw,format=I420',
  medium: 'videoscale ! video/x-raw,width=1280,height=720 ! videorate ! video/x-raw,framerate=30/1',
  low: 'videoscale ! video/x-raw,width=640,height=480 ! videorate ! video/x-raw,framerate=15/1',
};

const TUNED_BRANCHES: Branch = {
  high: 'videorate drop-only=true ! video/x-raw,framerate=30/1 ! videoconvert ! video/x-raw,format=I420',
  medium:
    'videorate drop-only=true ! video/x-raw,framerate=30/1 ! videoscale ! ' +
    'video/x-raw,width=1280,height=720 ! videoconvert ! video/x-raw,format=I420',
  low:
    'videorate drop-only=true ! video/x-raw,framerate=15/1 ! videoscale ! ' +
    'video/x-raw,width=640,height=480 ! videoconvert ! video/x-raw,format=I420',
};

async function start(folder: string, pictures: string, branches: Branch): Promise<RunningVideoService> {
  const feed = await compileFeed();
  const camera = `${folder}/camera.sock`;
  const raw = `${folder}/raw.sock`;
  const [medium, low] = [await freePort(), await freePort()];
  const relay = await startRelay();
  const size = ['1920', '1080', '60'];
  const feeder = new BackgroundProcess(
    'frame-feed',
    { file: feed, args: ['shm', camera, pictures, ...size] },
    'pipe',
  );
  await feeder.says(/ready/);
  const { preset, bitrateKbps, keyInterval, quality } = SETTINGS;
  const pipeline = [
    `shmsrc socket-path=${camera} is-live=true do-timestamp=true`,
    '! video/x-raw,format=YUY2,width=1920,height=1080,framerate=60/1 ! tee name=t',
    `t. ! queue ! ${branches.high}`,
    `! x264enc speed-preset=${preset} tune=zerolatency bitrate=${bitrateKbps} key-int-max=${keyInterval}`,
    `! rtspclientsink location=${relay.publish} protocols=tcp latency=0`,
    `t. ! queue ! ${branches.medium} ! jpegenc quality=${quality} ! multipartmux`,
    `! tcpserversink host=127.0.0.1 port=${medium}`,
    `t. ! queue ! ${branches.low} ! jpegenc quality=${quality} ! multipartmux`,
    `! tcpserversink host=127.0.0.1 port=${low}`,
    `t. ! queue ! shmsink socket-path=${raw} shm-size=100000000 wait-for-connection=false`,
  ].join(' ');
  const service = new BackgroundProcess('option 1', { file: 'gst-launch-1.0', args: pipeline.split(' ') });
  await service.says(/Starting recording/);
  const addresses: Record<string, Address> = {
    high: { kind: 'rtsp', url: relay.play },
    medium: { kind: 'tcp', port: medium },
    low: { kind: 'tcp', port: low },
    analysis: { kind: 'gst-shm', path: raw },
  };
  return {
    pids: [service.pid, relay.process.pid],
    addresses,
    async stop() {
      for (const each of [service, relay.process, feeder]) {
        each.check();
        await each.stop();
      }
    },
  };
}
