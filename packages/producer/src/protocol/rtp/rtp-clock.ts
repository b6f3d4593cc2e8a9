const ticksPerSecond = 90_000n;
const nsPerSecond = 1_000_000_000n;
/** From 1900, where NTP begins to count, to 1970. */
const ntpEpochSeconds = 2_208_988_800n;

/** Of one tick of RTP's clock for video, 90 kHz, rounded up: two times so far apart are two timestamps. */
export const tickNs = 11_112n;

/** A time (CLOCK_MONOTONIC) on RTP's clock, modulo 2^32, as each sender's own offset is added to. */
export function ticksOf(timeNs: bigint): number {
  return Number(((timeNs * ticksPerSecond) / nsPerSecond) & 0xffff_ffffn);
}

/** A wall clock time (since 1970) as NTP counts: seconds since 1900 and 2^-32 of a second (RFC 3550 4). */
export function ntpOf(wallNs: bigint): bigint {
  const seconds = wallNs / nsPerSecond + ntpEpochSeconds;
  const fraction = ((wallNs % nsPerSecond) << 32n) / nsPerSecond;
  return ((seconds & 0xffff_ffffn) << 32n) | fraction;
}
