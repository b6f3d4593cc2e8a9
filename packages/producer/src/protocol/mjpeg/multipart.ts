import { unixTimeText } from '../../unit/timestamp.js';
import type { JpegUnit } from '../../unit/unit.js';

// MJPEG over HTTP: a multipart/x-mixed-replace body (RFC 2046 framing, a picture a part).
//
// Everybody but browsers gets each part's length and times in front of it. Chrome shows a part only when
// the *headers* of the next one have come, so browsers get those right behind each picture; they cannot
// say anything of a picture that does not exist yet.

const boundary = 'camstream';

/** Of the whole response. */
export const contentType = `multipart/x-mixed-replace;boundary=${boundary}`;

/** How a viewer wants parts to be framed. */
export type Framing = 'described' | 'advanced';

/** What one viewer is told with each picture. */
export interface PartNotes {
  /** From CLOCK_MONOTONIC to the wall clock. */
  readonly wallClockOffsetNs: bigint;
  /** Pictures that this viewer missed so far for being slow. */
  readonly dropped: number;
}

/** What comes before the first picture. */
export function preamble(framing: Framing): string {
  return framing === 'advanced' ? bareHead : '';
}

/** What comes right before and right behind a picture. */
export function partFrame(
  framing: Framing,
  unit: JpegUnit,
  notes: PartNotes,
): { readonly before: string; readonly behind: string } {
  if (framing === 'advanced') return { before: '', behind: `\r\n${bareHead}` };
  const before =
    `--${boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: ${unit.data.length}\r\n` +
    `X-Timestamp: ${unixTimeText(unit.capturedAtNs, notes.wallClockOffsetNs)}\r\n` +
    `X-Captured-Monotonic-Ns: ${unit.capturedAtNs}\r\nX-Sequence: ${unit.sequence}\r\n` +
    `X-Dropped: ${notes.dropped}\r\n\r\n`;
  return { before, behind: '\r\n' };
}

/** The end of the body, after the last picture. */
export function closing(framing: Framing): string {
  return framing === 'advanced' ? `\r\n--${boundary}--\r\n` : `--${boundary}--\r\n`;
}

/** Browsers ask as Mozilla; `?advance=1` and `?advance=0` decide over that. */
export function framingFor(userAgent: string | undefined, advance: string | null): Framing {
  if (advance === '1') return 'advanced';
  if (advance === '0') return 'described';
  return userAgent?.startsWith('Mozilla') ? 'advanced' : 'described';
}

const bareHead = `--${boundary}\r\nContent-Type: image/jpeg\r\n\r\n`;
