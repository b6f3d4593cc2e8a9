import { pixelFormats } from '@camstream/core';
import { z } from 'zod';
import { logLevels } from './config.js';
import { x264Presets } from './h264-encoders.js';
import { latencyModes } from './latency-modes.js';
import { isPassword, passwordText } from './password-file.js';

// The configuration file as people write it. A schema's error text is what was wanted; what was found
// and where are added by parse-config.ts.

const whole = (min: number, max: number, unit = '') => {
  const error = `a whole number ${min}..${max}${unit}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};
const real = (min: number, max: number, unit = '') => {
  const error = `a number ${min}..${max}${unit}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });
const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });
const flag = z.boolean({ error: 'true or false' });
const mapping = { error: 'a mapping of settings' };

const name = text(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/,
  'a name of 1..32 letters, digits, ".", "_" or "-", a letter or digit first',
);
const width = whole(16, 8192, ' pixels');
const rate = real(0.1, 240, ' frames a second');
const port = whole(0, 65535, ' (0: any free port)');

const cameraFormat = text(
  new RegExp(`^(${pixelFormats.join('|')}|mjpeg|h264|[A-Z0-9]{3,4})$`),
  `one of ${pixelFormats.join(', ')}, mjpeg, h264, or a driver's four letters (NV16)`,
);
const standard = text(/^[A-Za-z0-9/-]{2,16}$/, 'a television standard (PAL, NTSC, SECAM, PAL-B)');
const mode = z
  .strictObject({ width, height: width, rate, format: cameraFormat, input: whole(0, 63), standard }, mapping)
  .partial();

const controlName = text(/^[a-z0-9_]{1,64}$/, 'a control as `camstream-producer controls` spells it');
const controlValue = z.union([z.number().int(), z.boolean(), z.string()], {
  error: 'a whole number, true, false, or the name of a menu entry',
});
const controls = z.record(controlName, controlValue, mapping);

const buffers = z
  .strictObject({ count: whole(2, 32), io: oneOf(['auto', 'mmap', 'userptr']) }, mapping)
  .partial();

const camera = z
  .strictObject(
    {
      source: z.string({ error: 'a source' }),
      backend: oneOf(['v4l2', 'gstreamer']),
      jpegDecoder: oneOf(['auto', 'libturbojpeg']),
      h264: text(/^(auto|off|(\/dev\/|id:)\S+)$/, 'auto, off, /dev/videoN or id:ID'),
      mode,
      buffers,
      controls,
      stallMs: whole(200, 600_000, ' ms'),
    },
    mapping,
  )
  .partial();

const crop = z.strictObject(
  { x: whole(0, 8191, ' pixels'), y: whole(0, 8191, ' pixels'), width, height: width },
  mapping,
);

const picture = {
  camera: name,
  width,
  height: width,
  rate,
  fit: oneOf(['contain', 'cover', 'stretch']),
  crop,
  mirror: flag,
  rotate: z.literal([0, 90, 180, 270], { error: '0, 90, 180 or 270' }),
};

const ringSettings = {
  ...picture,
  format: oneOf(pixelFormats),
  slots: z.strictObject({ readers: whole(0, 64), hold: whole(1, 16) }, mapping).partial(),
  leaseTimeoutMs: whole(100, 60_000, ' ms'),
  group: text(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, 'the name or number of a group'),
};

const ring = z.strictObject(ringSettings, mapping).partial();

const viewerQueue = z
  .strictObject({ ms: whole(50, 60_000, ' ms'), bytes: whole(65_536, 2 ** 30, ' bytes') }, mapping)
  .partial();

const stream = z
  .strictObject(
    {
      ...ringSettings,
      codec: oneOf(['mjpeg', 'h264', 'raw']),
      quality: whole(1, 100),
      passThrough: flag,
      bitrateKbps: whole(50, 100_000, ' kbit/s'),
      keyIntervalMs: whole(100, 60_000, ' ms'),
      latency: oneOf(latencyModes),
      preset: oneOf(x264Presets),
      viewerQueue,
      encoder: text(/^[a-z0-9_]{1,32}$/, 'the name of an encoder'),
      adapt: oneOf(['off', 'rate', 'size']),
      warm: flag,
      port,
    },
    mapping,
  )
  .partial();

const auth = z
  .strictObject(
    {
      // Basic authentication parts user and password at the first colon.
      user: text(/^[^\p{Cc}:"\\]{1,64}$/u, '1..64 characters other than : " and \\'),
      password: z.string({ error: passwordText }).refine(isPassword, { error: passwordText }),
      passwordFile: text(/./, 'the path of a file'),
    },
    mapping,
  )
  .partial();

const multicast = z
  .strictObject(
    {
      enabled: flag,
      base: text(
        /^(22[4-9]|23\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/,
        'an IPv4 multicast address, 224.0.0.0 to 239.255.255.255',
      ),
      port: whole(1, 65_534),
      ttl: whole(1, 255),
    },
    mapping,
  )
  .partial();

const load = z
  .strictObject(
    { enabled: flag, afterMs: whole(500, 60_000, ' ms'), calmMs: whole(1000, 3_600_000, ' ms') },
    mapping,
  )
  .partial();

const server = z
  .strictObject(
    {
      host: text(/^[A-Za-z0-9.:_-]{1,253}$/, 'an address or host name without port'),
      httpPort: port,
      rtspPort: port,
      rtpPort: port,
      rtcpPort: port,
      multicast,
      maxConnections: whole(1, 65535),
      auth,
      load,
      tls: z.unknown(),
    },
    mapping,
  )
  .partial();

const log = z.strictObject({ level: oneOf(logLevels), format: oneOf(['text', 'json']) }, mapping).partial();

/** The shape of camstream.yaml. */
export const documentSchema = z
  .strictObject(
    {
      cameras: z.record(name, camera, mapping),
      rings: z.record(name, ring, mapping),
      streams: z.record(name, stream, mapping),
      server,
      log,
    },
    mapping,
  )
  .partial();

/** A configuration file's content after the schema's checks. */
export type ConfigDocument = z.infer<typeof documentSchema>;
/** One entry of `rings`. */
export type RingDocument = z.infer<typeof ring>;
/** One entry of `streams`. */
export type StreamDocument = z.infer<typeof stream>;
/** One entry of `cameras`. */
export type CameraDocument = z.infer<typeof camera>;

/** The keys that a mapping at `path` may have; none where people choose the names. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = documentSchema;
  for (const key of path) schema = inside(schema, String(key));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function inside(schema: unknown, key: string): unknown {
  const found =
    schema instanceof z.ZodObject
      ? schema.shape[key]
      : schema instanceof z.ZodRecord
        ? schema.valueType
        : undefined;
  return found instanceof z.ZodOptional ? found.unwrap() : found;
}
