import { hasErrorCode, type NativeRingInfo, type NativeRingStatus, ringInfoOf } from '@camstream/core';
import { sourceText } from '../config/source.js';
import type { EncoderFallBack } from '../encode/encoder.js';
import type { LoopState } from '../feed/loop-events.js';
import { unhealthyReasons } from './health.js';
import type { Observed, ObservedCamera, ObservedConversion, ObservedStream } from './observed.js';
import type { CameraStatus, EncoderStatus, RingStatus, Status, StreamStatus, WorkState } from './status.js';

/** The service as it is now. Reads counters; nothing is counted for it that is not counted anyway. */
export function takeStatus(observed: Observed): Status {
  const { version, cameras, conversions, streams, loadOf, refusedPasswords } = observed;
  const reasons = unhealthyReasons(observed);
  return {
    statusVersion: 1,
    service: {
      name: 'camstream',
      version,
      pid: process.pid,
      uptimeSeconds: Math.round(process.uptime()),
      refusedPasswords: refusedPasswords(),
    },
    health: { status: reasons.length === 0 ? 'ok' : 'failing', reasons },
    cameras: cameras.map(cameraStatus),
    rings: [...cameras.map(cameraRing), ...conversions.map(derivedRing)],
    h264Encoders: observed.h264Encoders(),
    streams: streams.map((stream) => streamStatus(stream, loadOf(stream.stream.name))),
  };
}

function cameraStatus(camera: ObservedCamera): CameraStatus {
  const { name, source, state, capture } = camera;
  const { description, published, framesDropped, framesCorrupt, timesEstimated, io } = capture.status();
  return {
    name,
    ...workState(state),
    source: sourceText(source),
    description,
    ring: lookOf(capture)?.name ?? '',
    frames: { captured: published, dropped: framesDropped, corrupt: framesCorrupt, timesEstimated },
    io,
    tracks: camera.tracks().map(({ ring }) => ring),
  };
}

function cameraRing({ name, capture }: ObservedCamera): RingStatus {
  return ringStatus(name, capture, capture.status());
}

function derivedRing({ name, state, conversion }: ObservedConversion): RingStatus {
  const status = conversion.status();
  const { converted, skipped, missed, convertNsTotal } = status;
  return {
    ...ringStatus(name, conversion, status),
    conversion: { ...workState(state), converted, skipped, missed, cpuSeconds: convertNsTotal / 1e9 },
  };
}

function ringStatus(fallback: string, ring: HasInfo, status: NativeRingStatus): RingStatus {
  const look = lookOf(ring);
  const { published, members, leased, revoked, slotCount, fileSize } = status;
  return {
    name: look?.name ?? fallback,
    picture: look && { width: look.width, height: look.height, format: look.format },
    rate: look?.rate ?? 0,
    slots: slotCount,
    bytes: fileSize,
    published,
    readers: members,
    leases: leased,
    revoked,
  };
}

interface HasInfo {
  info(): NativeRingInfo;
}

/** Undefined while the ring is being made anew. */
function lookOf(ring: HasInfo) {
  try {
    return ringInfoOf(ring.info());
  } catch (error) {
    if (hasErrorCode(error, 'RING_NOT_READY')) return undefined;
    throw error;
  }
}

function workState(state: LoopState): WorkState {
  return state.kind === 'failed'
    ? { state: state.kind, reason: { code: state.code, message: state.message } }
    : { state: state.kind };
}

function streamStatus(
  { stream, config, encoder }: ObservedStream,
  load: ReturnType<Observed['loadOf']>,
): StreamStatus {
  const { newest } = stream;
  return {
    name: stream.name,
    camera: config.camera,
    codec: config.codec.kind,
    size: newest && { width: newest.width, height: newest.height },
    units: stream.published,
    encoder: encoderStatus(encoder, load),
    viewers: stream.audience.reports(),
    delivered: Object.fromEntries(stream.audience.totals()),
  };
}

function encoderStatus(
  encoder: ObservedStream['encoder'],
  load: ReturnType<Observed['loadOf']>,
): EncoderStatus {
  const { kind, step, steps, problem, fallBack } = encoder;
  const { latenessMs, framesIn, unitsOut, framesDropped, restarts } = encoder.load();
  return {
    kind,
    step,
    steps: steps.map(({ text }) => text),
    steppedDown: load?.steppedDown ?? 0,
    steppedUp: load?.steppedUp ?? 0,
    latenessMs: Math.round(latenessMs * 10) / 10,
    framesIn,
    unitsOut,
    framesDropped,
    restarts,
    ...(problem === undefined ? {} : { problem }),
    ...(fallBack === undefined ? {} : { fallBack: fallBackStatus(fallBack) }),
  };
}

function fallBackStatus({
  from,
  problem,
  retryInMs,
}: EncoderFallBack): NonNullable<EncoderStatus['fallBack']> {
  return { from, ...problem, retryInSeconds: Math.round(retryInMs / 1000) };
}
