/** One encoded picture, shared by all viewers: never written to once it is made. */
export type Unit = JpegUnit | H264Unit;

/** What every unit says of its picture. */
export interface UnitPicture {
  /** Of the frame in the stream's ring. */
  readonly sequence: number;
  /** CLOCK_MONOTONIC, as process.hrtime.bigint() counts. */
  readonly capturedAtNs: bigint;
  readonly width: number;
  readonly height: number;
}

/** A whole JPEG (ITU-T T.81), baseline, with its tables. */
export interface JpegUnit extends UnitPicture {
  readonly codec: 'jpeg';
  readonly data: Buffer;
}

/** An access unit (ITU-T H.264 7.4.1.2.3): all that belongs to one picture. */
export interface H264Unit extends UnitPicture {
  readonly codec: 'h264';
  /** NAL units in decoding order, without start codes or lengths; a key frame's begin with SPS and PPS. */
  readonly nals: readonly Buffer[];
  /** The picture is an IDR: decoding may begin here. */
  readonly keyFrame: boolean;
  readonly parameters: H264Parameters;
}

/** Parameter sets, without start codes. The same object for as long as nothing in it changes. */
export interface H264Parameters {
  readonly sps: Buffer;
  readonly pps: Buffer;
}

/** Bytes of a unit, as queues count them. */
export function unitBytes(unit: Unit): number {
  if (unit.codec === 'jpeg') return unit.data.length;
  return unit.nals.reduce((sum, nal) => sum + nal.length, 0);
}
