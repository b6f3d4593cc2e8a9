import { CamstreamError, type Log } from '@camstream/core';
import { Seldom } from '../../log/seldom.js';
import { accessUnitDelimiter, packetizeH264 } from '../../protocol/rtp/h264-packets.js';
import { jpegLayout } from '../../protocol/rtp/jpeg-layout.js';
import { packetizeJpeg } from '../../protocol/rtp/jpeg-packets.js';
import type { RtpPackets } from '../../protocol/rtp/rtp-packets.js';
import type { MediaDescription } from '../../protocol/sdp/session-description.js';
import type { Delivery } from '../../stream/delivery.js';
import { endingAtLive, KeyFrameQueue, type QueueLimits } from '../../stream/key-frame-queue.js';
import type { Stream } from '../../stream/stream.js';
import type { Viewer } from '../../stream/viewer.js';
import { ViewerQueue } from '../../stream/viewer-queue.js';
import type { H264Unit, JpegUnit, Unit } from '../../unit/unit.js';

/** Where one viewer's pictures go: packets that are the same for all viewers, and when to show them. */
export interface PacketSink {
  /** False: call drained() before the next. */
  send(packets: RtpPackets, atNs: bigint): boolean;
  /** The stream ends. */
  end(): void;
}

/** A viewer's queue of either codec. */
export interface PacketQueue {
  /** Begins or goes on; a function to stop. */
  start(): () => void;
  drained(): void;
  readonly isBlocked: boolean;
}

/** A stream as RTP sees it. Its pictures are packetized once, however many watch. */
export interface RtpSource {
  readonly name: string;
  /** Pictures a second; 0: not known. */
  readonly rate: number;
  /** What a picture of H.264 may begin with, as a packet of its own; undefined for JPEG. */
  readonly delimiter: RtpPackets | undefined;
  /**
   * What the stream carries. While nobody watches, this makes it begin. Throws PICTURE_TIMEOUT, or RTP_JPEG
   * for pictures that RFC 2435 has no way for.
   */
  describe(): Promise<MediaDescription>;
  /** When the first picture that a viewer would get now is shown; undefined: it has yet to be made. */
  firstAtNs(): bigint | undefined;
  queue(sink: PacketSink, delivery: Delivery): PacketQueue;
}

const timeoutMs = 5000;

/**
 * A stream of JPEG: a slow viewer gets the newest picture. `packetize` is asked once for each picture, which
 * is there to be counted.
 */
export function jpegSource(
  stream: Stream<JpegUnit>,
  rate: number,
  log: Log,
  packetize = packetizeJpeg,
): RtpSource {
  const made = new WeakMap<JpegUnit, RtpPackets | string>();
  const misfits = new Seldom(log, 'warn');
  const packetsOf = (unit: JpegUnit) => {
    const layout = made.get(unit) ?? packetsOrReason(unit, packetize);
    made.set(unit, layout);
    return layout;
  };
  return {
    name: stream.name,
    rate,
    delimiter: undefined,
    async describe() {
      const packets = packetsOf(await stream.picture({ maxAgeMs: 60_000, timeoutMs }));
      if (typeof packets !== 'string') return { codec: 'jpeg' };
      throw new CamstreamError(
        'RTP_JPEG',
        `stream "${stream.name}" cannot be sent by RTP (RFC 2435): ${packets}. ` +
          `Open it over HTTP: /mjpeg/${stream.name}`,
      );
    },
    firstAtNs: () => stream.newest?.capturedAtNs,
    queue(sink, delivery) {
      const send = (unit: JpegUnit) => {
        const packets = packetsOf(unit);
        if (typeof packets !== 'string') return sink.send(packets, unit.capturedAtNs);
        misfits.line({ stream: stream.name, reason: packets }, 'a picture cannot be sent by RTP; left out');
        return true;
      };
      return queueOf(stream, new ViewerQueue({ send, end: () => sink.end() }, delivery));
    },
  };
}

/**
 * A stream of H.264: a viewer over the limits loses everything up to the next key frame. `packetize` is asked
 * once for each picture, which is there to be counted.
 */
export function h264Source(
  stream: Stream<H264Unit>,
  rate: number,
  limits: QueueLimits,
  packetize = packetizeH264,
): RtpSource {
  const made = new WeakMap<H264Unit, RtpPackets>();
  const packetsOf = (unit: H264Unit) => {
    const packets = made.get(unit) ?? packetize(unit);
    made.set(unit, packets);
    return packets;
  };
  let known: MediaDescription | undefined;
  return {
    name: stream.name,
    rate,
    delimiter: accessUnitDelimiter,
    async describe() {
      const next = stream.picture({ maxAgeMs: 60_000, timeoutMs });
      if (known !== undefined && stream.newest === undefined) {
        // As it was before the pause; key frames bring their parameters along in any case. Meanwhile the
        // encoder starts.
        next.catch(() => {});
        return known;
      }
      const { parameters } = await next;
      known = { codec: 'h264', parameters };
      return known;
    },
    firstAtNs: () => endingAtLive(stream.beginning)[0]?.atNs,
    queue(sink, delivery) {
      const send = (unit: H264Unit, atNs: bigint) => sink.send(packetsOf(unit), atNs);
      return queueOf(stream, new KeyFrameQueue({ send, end: () => sink.end() }, delivery, limits));
    },
  };
}

function packetsOrReason({ data }: JpegUnit, packetize: typeof packetizeJpeg): RtpPackets | string {
  const layout = jpegLayout(data);
  return typeof layout === 'string' ? layout : packetize(layout);
}

function queueOf<U extends Unit>(
  stream: Stream<U>,
  queue: Viewer<U> & Pick<PacketQueue, 'drained' | 'isBlocked'>,
): PacketQueue {
  return {
    start: () => stream.addViewer(queue),
    drained: () => queue.drained(),
    get isBlocked() {
      return queue.isBlocked;
    },
  };
}
