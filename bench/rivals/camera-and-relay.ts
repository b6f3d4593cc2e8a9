/** What stands before and behind the specification's pipelines: a camera, and an RTSP server. */

import { BackgroundProcess } from '../harness/background-process.js';
import { freePort } from '../harness/free-port.js';
import { compileC } from './setup.js';

/** What gives prepared pictures as a camera would (c/frame-feed.c); its CPU time does not count. */
export function compileFeed(): Promise<string> {
  return compileC('frame-feed.c', ['gstreamer-1.0', 'gstreamer-app-1.0']);
}

/** The RTSP server, where to push to it and where to play from it. */
export interface Relay {
  readonly process: BackgroundProcess;
  readonly publish: string;
  readonly play: string;
}

/** Starts the server (c/rtsp-relay.c). */
export async function startRelay(): Promise<Relay> {
  const packages = ['gstreamer-1.0', 'gstreamer-app-1.0', 'gstreamer-rtsp-server-1.0'];
  const file = await compileC('rtsp-relay.c', packages);
  const port = await freePort();
  const process = new BackgroundProcess('rtsp-relay', { file, args: [`${port}`] }, 'pipe');
  await process.says(/ready/);
  const at = `rtsp://127.0.0.1:${port}`;
  return { process, publish: `${at}/publish`, play: `${at}/high` };
}
