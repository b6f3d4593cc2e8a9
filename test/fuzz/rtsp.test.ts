import t from 'tap';
import { runFuzzTargets } from './run-fuzz-targets.js';
import { RtspTargets } from './targets/rtsp-connection.js';
import { authHeader, jpegPictures, rtcp } from './targets/rtsp-fields.js';
import { rtspReader } from './targets/rtsp-reader.js';

// What comes from RTSP's network and is taken apart by us.

const targets = await RtspTargets.open();
t.teardown(() => targets.close());
runFuzzTargets(t, 'fuzz-rtsp', 'What RTSP clients send', [
  { target: rtspReader, longSeconds: 200 },
  { target: await targets.connection(), longSeconds: 200 },
  { target: await targets.stranger(), longSeconds: 100 },
  { target: rtcp, longSeconds: 40 },
  { target: authHeader, longSeconds: 60 },
  { target: jpegPictures, longSeconds: 40 },
]);
