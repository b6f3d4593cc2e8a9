import type { NativeRingInfo } from '@camstream/core';
import { ringInfoOf } from '@camstream/core';
import { urlHost } from './config/addresses.js';
import { megabytes } from './config/plan-text.js';
import { shapeText } from './config/shape-text.js';

/** What runs, as the operator reads it at each start. */
export interface Summary {
  readonly version: string;
  readonly ringRoot: string;
  readonly cameras: readonly { readonly name: string; readonly description: string }[];
  readonly rings: readonly NativeRingInfo[];
  readonly streams: readonly SummaryStream[];
  readonly warnings: readonly string[];
}

/** A stream with all of its URLs. */
export interface SummaryStream {
  readonly name: string;
  readonly shape: string;
  readonly urls: readonly string[];
}

/** http://127.0.0.1:8001/ */
export function urlOf(host: string, port: number, path: string): string {
  return `http://${urlHost(host)}:${port}${path}`;
}

/** rtsp://127.0.0.1:8554/high */
export function rtspUrlOf(host: string, port: number, stream: string): string {
  return `rtsp://${urlHost(host)}:${port}/${stream}`;
}

/** The block of the start, line by line. */
export function summaryText(summary: Summary): string {
  const rings = summary.rings.map(ringInfoOf);
  const bytes = rings.reduce((sum, ring) => sum + ring.fileSize, 0);
  return [
    `camstream ${summary.version} is running`,
    ...summary.cameras.map(({ name, description }) => `  camera  ${name}: ${description}`),
    ...rings.map((ring) => `  ring    ${ring.name}: ${shapeText(ring)}, ${ring.slotCount} slots`),
    `          in ${summary.ringRoot}, ${megabytes(bytes)} of shared memory`,
    ...summary.streams.flatMap(({ name, shape, urls }) => [
      `  stream  ${name}: ${shape}`,
      ...urls.map((url) => `          ${url}`),
    ]),
    ...summary.warnings.map((warning) => `  NOTE    ${warning}`),
    '',
  ].join('\n');
}
