import type { RingReport } from './ring-report.js';

/** The rings as a table for people; errors below it. */
export function ringTable(reports: readonly RingReport[]): string {
  const head = [
    'RING',
    'STATE',
    'PICTURE',
    'COLOUR',
    'RATE',
    'NOMINAL',
    'NEWEST',
    'FRAME',
    'READERS',
    'LEASES',
    'REVOKED',
    'SIZE',
    'PRODUCER',
  ];
  const rows = [head, ...reports.map(rowOf)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const errors = reports.flatMap(({ name, path, error }) =>
    error ? [`${name || path}: ${error.code}: ${error.message}`] : [],
  );
  return [...lines, ...errors].join('\n');
}

function rowOf(ring: RingReport): string[] {
  const known = <T>(value: T | null, show: (value: T) => string) => (value === null ? '-' : show(value));
  return [
    ring.name || ring.path,
    ring.state,
    ring.format === null ? '-' : `${ring.width}x${ring.height} ${ring.format}`,
    known(ring.colour, String),
    known(ring.measuredRate, (rate) => `${rate.toFixed(1)}/s`),
    known(ring.nominalRate, (rate) => `${rate}/s`),
    known(ring.newestAgeMs, (age) => `${age} ms`),
    String(ring.sequence),
    String(ring.readers),
    known(ring.leaseSlots, (slots) => `${ring.leased} of ${slots}`),
    String(ring.revoked),
    known(ring.bytes, (bytes) => `${(bytes / 1e6).toFixed(1)} MB`),
    known(ring.producerPid, String),
  ];
}
