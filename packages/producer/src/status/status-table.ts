import type { Status, StreamStatus } from '../observe/status.js';

/** A status as people read it: health, then a table each for cameras, rings, streams and viewers. */
export function statusTable(status: Status): string {
  const { service, health, cameras, rings, streams } = status;
  return [
    `camstream ${service.version}, process ${service.pid}, up ${durationText(service.uptimeSeconds)}`,
    `health: ${health.status}`,
    ...health.reasons.map((reason) => `  ${reason}`),
    table(
      ['CAMERA', 'STATE', 'SOURCE', 'CAPTURED', 'DROPPED', 'CORRUPT'],
      cameras.map(({ name, state, description, frames }) => [
        name,
        state,
        description,
        ...[frames.captured, frames.dropped, frames.corrupt].map(String),
      ]),
    ),
    table(
      ['RING', 'PICTURE', 'PUBLISHED', 'READERS', 'LEASES', 'REVOKED', 'SIZE'],
      rings.map(({ name, picture, published, readers, leases, revoked, bytes }) => [
        name,
        picture === undefined ? '-' : `${picture.width}x${picture.height} ${picture.format}`,
        ...[published, readers, leases, revoked].map(String),
        `${(bytes / 1e6).toFixed(1)} MB`,
      ]),
    ),
    table(
      ['STREAM', 'CODEC', 'ENCODER', 'STEP', 'PICTURES', 'LATE', 'LEFT OUT', 'RESTARTS', 'VIEWERS'],
      streams.map(streamRow),
    ),
    table(
      ['VIEWER', 'STREAM', 'BY', 'RATE', 'SENT', 'DROPPED', 'FOR'],
      streams.flatMap(({ name, viewers }) =>
        viewers.map(({ address, protocol, rate, sent, dropped, forMs }) => [
          address,
          name,
          protocol,
          `${rate}/s`,
          ...[sent, dropped].map(String),
          durationText(Math.round(forMs / 1000)),
        ]),
      ),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function streamRow({ name, codec, encoder, units, viewers }: StreamStatus): string[] {
  const { kind, step, steps, latenessMs, framesDropped, restarts, problem, fallBack } = encoder;
  const at = fallBack === undefined ? kind : `${kind} for ${fallBack.from}`;
  return [
    name,
    codec,
    problem === undefined ? at : problem.code,
    step === 0 ? '-' : `${step}: ${steps[step] ?? ''}`,
    String(units),
    latenessMs === 0 ? '-' : `${latenessMs} ms`,
    ...[framesDropped, restarts, viewers.length].map(String),
  ];
}

/** With an empty line before it; nothing without rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return ['', ...lines.map((line) => line.trimEnd())].join('\n');
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
