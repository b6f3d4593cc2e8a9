import type { Test } from 'tap';
import { MjpegViewer } from './mjpeg-viewer.js';
import { RtspClient } from './rtsp-client.js';

/** A viewer that reads all it gets until the test ends, and counts. */
export class SteadyViewer {
  pictures = 0;
  /** The longest time between two pictures so far. */
  longestGapMs = 0;
  #lastMs = 0;

  private constructor() {}

  /** Of an MJPEG stream. */
  static async http(t: Test, url: string): Promise<SteadyViewer> {
    const steady = new SteadyViewer();
    const viewer = await MjpegViewer.open(url);
    t.teardown(() => viewer.close());
    const read = async (): Promise<void> => {
      for await (const _ of viewer.pictures()) steady.count();
    };
    // Its end shows in the count.
    read().catch(() => undefined);
    return steady;
  }

  /** Of an RTSP stream; its session is kept alive (RFC 2326 12.37). */
  static async rtsp(t: Test, url: string, transport: 'tcp' | 'udp'): Promise<SteadyViewer> {
    const steady = new SteadyViewer();
    const client = await RtspClient.open(Number(new URL(url).port));
    client.onPacket = ({ marker }) => {
      if (marker) steady.count();
      client.packets.length = client.reports.length = 0;
    };
    const { session } = await client.play(url, transport);
    const alive = setInterval(() => {
      client.ask('GET_PARAMETER', `${url}/`, session).catch(() => undefined);
    }, 15_000);
    t.teardown(() => {
      clearInterval(alive);
      client.close();
    });
    return steady;
  }

  private count(): void {
    const now = performance.now();
    if (this.#lastMs > 0) this.longestGapMs = Math.max(this.longestGapMs, now - this.#lastMs);
    this.#lastMs = now;
    this.pictures++;
  }
}
