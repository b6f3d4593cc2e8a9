import type { DeliveredTotals, EncoderStatus, Status } from './status.js';

/** One metric: its name as Prometheus has it, what it means, and its values in a status. */
export interface MetricFamily {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Values with their labels, in the order of `labels`. */
  readonly samples: (status: Status) => readonly MetricSample[];
}

/** A value and the labels it is for. */
export type MetricSample = readonly [value: number, ...labels: string[]];

/** Every metric of ours, in the order of docs/metrics.md. Names end in their unit, counters in `_total`. */
export const metricFamilies: readonly MetricFamily[] = [
  gauge('camstream_info', 'Always 1; the version is in the label.', ['version'], ({ service }) => [
    [1, service.version],
  ]),
  gauge('camstream_healthy', '1 if /health says 200, else 0.', [], ({ health }) => [
    [health.status === 'ok' ? 1 : 0],
  ]),
  counter(
    'camstream_auth_refused_total',
    'Requests over HTTP or RTSP with a wrong user or password.',
    [],
    ({ service }) => [[service.refusedPasswords]],
  ),

  gauge('camstream_camera_live', '1 if frames come, 0 if it stalled or failed.', ['camera'], (status) =>
    status.cameras.map(({ name, state }) => [state === 'live' ? 1 : 0, name]),
  ),
  cameraCounter('camstream_camera_frames_total', 'Frames captured into the ring.', 'captured'),
  cameraCounter('camstream_camera_frames_dropped_total', 'Frames lost before the ring.', 'dropped'),
  cameraCounter('camstream_camera_frames_corrupt_total', 'Frames with an error flag.', 'corrupt'),
  cameraCounter(
    'camstream_camera_times_estimated_total',
    'Frames without a usable time from the driver.',
    'timesEstimated',
  ),

  ringMetric('counter', 'camstream_ring_frames_total', 'Frames published.', 'published'),
  ringMetric('gauge', 'camstream_ring_readers', 'Readers that are members.', 'readers'),
  ringMetric('gauge', 'camstream_ring_leases', 'Frames that readers hold.', 'leases'),
  ringMetric('counter', 'camstream_ring_leases_revoked_total', 'Frames taken from hung readers.', 'revoked'),
  ringMetric('gauge', 'camstream_ring_slots', 'Slots of one frame each.', 'slots'),
  ringMetric('gauge', 'camstream_ring_bytes', 'Shared memory.', 'bytes'),

  conversionCounter('camstream_conversion_frames_total', 'Frames converted.', 'converted'),
  conversionCounter('camstream_conversion_skipped_total', 'Frames that the rate does not want.', 'skipped'),
  conversionCounter('camstream_conversion_missed_total', 'Frames overtaken by a newer one.', 'missed'),
  conversionCounter('camstream_conversion_cpu_seconds_total', 'Processor time.', 'cpuSeconds'),

  counter('camstream_stream_units_total', 'Encoded pictures.', ['stream', 'codec'], ({ streams }) =>
    streams.map(({ name, codec, units }) => [units, name, codec]),
  ),
  gauge('camstream_encoder_info', 'Always 1; what encodes is in the label.', ['stream', 'kind'], (status) =>
    status.streams.map(({ name, encoder }) => [1, name, encoder.kind]),
  ),
  encoderMetric('gauge', 'camstream_encoder_step', 'Load control: 0 is as configured.', ({ step }) => step),
  encoderMetric(
    'counter',
    'camstream_encoder_stepped_down_total',
    'Steps that load control took down.',
    ({ steppedDown }) => steppedDown,
  ),
  encoderMetric(
    'counter',
    'camstream_encoder_stepped_up_total',
    'Steps that load control took up.',
    ({ steppedUp }) => steppedUp,
  ),
  encoderMetric(
    'gauge',
    'camstream_encoder_lateness_seconds',
    'Capture to finished picture, 90th percentile of the last ones; 0: none yet.',
    ({ latenessMs }) => latenessMs / 1000,
  ),
  encoderMetric('counter', 'camstream_encoder_frames_total', 'Frames that went in.', (one) => one.framesIn),
  encoderMetric(
    'counter',
    'camstream_encoder_frames_dropped_total',
    'Frames left out because the encoder was busy.',
    ({ framesDropped }) => framesDropped,
  ),
  encoderMetric(
    'counter',
    'camstream_encoder_restarts_total',
    'Encoders that had to be replaced.',
    ({ restarts }) => restarts,
  ),
  encoderMetric(
    'gauge',
    'camstream_encoder_failed',
    '1 if it gives no pictures although it should.',
    (one) => (one.problem === undefined ? 0 : 1),
  ),
  encoderMetric(
    'gauge',
    'camstream_encoder_fallback',
    '1 while it stands in for a better one that failed.',
    (one) => (one.fallBack === undefined ? 0 : 1),
  ),

  viewerMetric('gauge', 'camstream_viewers', 'Viewers that are there.', 'viewers'),
  viewerMetric('counter', 'camstream_viewer_pictures_sent_total', 'Pictures sent to viewers.', 'sent'),
  viewerMetric(
    'counter',
    'camstream_viewer_pictures_dropped_total',
    'Pictures that viewers lost for being slow.',
    'dropped',
  ),
  viewerMetric('counter', 'camstream_viewer_bytes_total', 'Bytes of pictures sent to viewers.', 'bytes'),
];

function gauge(
  name: string,
  help: string,
  labels: readonly string[],
  samples: MetricFamily['samples'],
): MetricFamily {
  return { kind: 'gauge', name, help, labels, samples };
}

function counter(
  name: string,
  help: string,
  labels: readonly string[],
  samples: MetricFamily['samples'],
): MetricFamily {
  return { kind: 'counter', name, help, labels, samples };
}

function cameraCounter(name: string, help: string, key: keyof Status['cameras'][number]['frames']) {
  return counter(name, help, ['camera'], ({ cameras }) =>
    cameras.map((camera) => [camera.frames[key], camera.name]),
  );
}

type RingKey = 'published' | 'readers' | 'leases' | 'revoked' | 'slots' | 'bytes';

function ringMetric(kind: MetricFamily['kind'], name: string, help: string, key: RingKey): MetricFamily {
  const samples = ({ rings }: Status) => rings.map((ring): MetricSample => [ring[key], ring.name]);
  return { kind, name, help, labels: ['ring'], samples };
}

type ConversionKey = 'converted' | 'skipped' | 'missed' | 'cpuSeconds';

function conversionCounter(name: string, help: string, key: ConversionKey): MetricFamily {
  return counter(name, help, ['ring'], ({ rings }) =>
    rings.flatMap(({ name: ring, conversion }): MetricSample[] =>
      conversion === undefined ? [] : [[conversion[key], ring]],
    ),
  );
}

function encoderMetric(
  kind: MetricFamily['kind'],
  name: string,
  help: string,
  value: (encoder: EncoderStatus) => number,
): MetricFamily {
  const samples = ({ streams }: Status) =>
    streams.map(({ name: stream, encoder }): MetricSample => [value(encoder), stream]);
  return { kind, name, help, labels: ['stream'], samples };
}

function viewerMetric(
  kind: MetricFamily['kind'],
  name: string,
  help: string,
  key: keyof DeliveredTotals,
): MetricFamily {
  const samples = ({ streams }: Status) =>
    streams.flatMap(({ name: stream, delivered }) =>
      Object.entries(delivered).map(([protocol, totals]): MetricSample => [totals[key], stream, protocol]),
    );
  return { kind, name, help, labels: ['stream', 'protocol'], samples };
}
