import type { ServerResponse } from 'node:http';
import type { Log } from '@camstream/core';
import { urlHost } from '../../config/addresses.js';
import { closing, contentType, type Framing, partFrame, preamble } from '../../protocol/mjpeg/multipart.js';
import { Delivery } from '../../stream/delivery.js';
import type { Stream } from '../../stream/stream.js';
import { type UnitSink, ViewerQueue } from '../../stream/viewer-queue.js';
import { RatePicker } from '../../unit/rate-picker.js';
import { WallClock } from '../../unit/timestamp.js';
import type { JpegUnit } from '../../unit/unit.js';
import { liveHeaders } from '../http/reply.js';
import { keepUnsentShort, type LimitUnsent } from '../unsent-limit.js';

/** How a stream is shown to its viewers. */
export interface MjpegOptions {
  readonly log: Log;
  /** A viewer that takes not one byte for this long is taken for dead. */
  readonly stuckMs: number;
  /** Keeps what the kernel holds back for a slow viewer short. */
  readonly limitUnsent: LimitUnsent;
}

/** What one viewer asked for. */
export interface MjpegWish {
  readonly framing: Framing;
  /** Pictures a second; undefined: all that there are. */
  readonly rate: number | undefined;
}

const wallClock = new WallClock();

/** One viewer of one MJPEG stream, from the request to the last byte. */
export class MjpegSession implements UnitSink {
  private readonly queue: ViewerQueue;

  constructor(
    private readonly stream: Stream<JpegUnit>,
    private readonly response: ServerResponse,
    private readonly wish: MjpegWish,
    private readonly options: MjpegOptions,
  ) {
    const { remoteAddress = '', remotePort = 0 } = response.socket ?? {};
    const delivery = new Delivery('mjpeg', `${urlHost(remoteAddress)}:${remotePort}`);
    const picker = wish.rate === undefined ? undefined : new RatePicker(wish.rate);
    this.queue = new ViewerQueue(this, delivery, (unit) => picker?.wants(unit.capturedAtNs) ?? true);
  }

  start(): void {
    const { response, queue, stream } = this;
    const { log, stuckMs, limitUnsent } = this.options;
    response.writeHead(200, mjpegHeaders(response));
    response.write(preamble(this.wish.framing));
    const { delivery } = queue;
    const from = delivery.address;
    log.info({ stream: stream.name, from }, 'viewer came');
    if (response.socket === null || !keepUnsentShort(response.socket, limitUnsent)) {
      log.debug({ from }, 'what the kernel keeps for a viewer is not bounded');
    }
    response.on('drain', () => queue.drained());
    // Nothing was written or taken for so long: the viewer hangs, or the camera does, and then it may wait.
    response.setTimeout(stuckMs, () => {
      if (queue.isBlocked) response.destroy();
    });
    const leave = stream.addViewer(queue);
    response.on('close', () => {
      leave();
      log.info({ stream: stream.name, from, sent: delivery.sent, dropped: delivery.dropped }, 'viewer left');
    });
  }

  send(unit: JpegUnit, dropped: number): boolean {
    const { before, behind } = partFrame(this.wish.framing, unit, {
      wallClockOffsetNs: wallClock.offsetNs(),
      dropped,
    });
    const { response } = this;
    response.cork();
    if (before !== '') response.write(before, 'latin1');
    response.write(unit.data);
    const ready = response.write(behind, 'latin1');
    response.uncork();
    return ready;
  }

  end(): void {
    this.response.end(closing(this.wish.framing));
  }
}

/** Of a response whose end is the connection's: no length, no chunks. The simplest client can read it. */
export function mjpegHeaders(response: ServerResponse): Record<string, string> {
  response.shouldKeepAlive = false;
  response.useChunkedEncodingByDefault = false;
  return { ...(liveHeaders as Record<string, string>), 'Content-Type': contentType };
}
