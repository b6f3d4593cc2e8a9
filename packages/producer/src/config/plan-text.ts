import { codecText } from './codec-text.js';
import type { Plan, PlannedRing, PlannedStream, PlannedStreamRing } from './plan.js';
import { shapeText } from './shape-text.js';

/** The plan for people: what is captured, converted, encoded and served, and the memory for it. */
export function planText(plan: Plan): string {
  const lines = plan.cameras.flatMap((camera) => [
    `camera  ${camera.name}: ${camera.source}${camera.assumed ? ', assumed until it is opened:' : ''}`,
    ...[camera.ring, ...camera.rings].map((ring) => `  ring    ${ringText(ring)}`),
    ...camera.streamRings.map((ring) => `  ring    ${ringText(ring)}, ${useText(ring)}`),
    ...camera.streams.flatMap((stream) => [
      `  stream  ${streamText(stream)}`,
      ...stream.urls.map((url) => `          ${url}`),
    ]),
  ]);
  const notes = plan.warnings.map((warning) => `NOTE    ${warning}`);
  const memory =
    `memory  ${megabytes(plan.ringBytes)} of shared memory in all, and ${megabytes(plan.neededBytes)} ` +
    'while a ring is made anew';
  return [...lines, ...notes, memory].join('\n');
}

/** 87.2 MB */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function ringText(ring: PlannedRing): string {
  const { name, slots, leases, bytes } = ring;
  return `${name}: ${shapeText(ring)}, ${slots} slots (${leases} leases), ${megabytes(bytes)}`;
}

/** made from camera for medium and door */
function useText({ from, streams }: PlannedStreamRing): string {
  return `made from ${from} for ${streams.join(' and ')}`;
}

function streamText({ name, codec, ring, own }: PlannedStream): string {
  const instead =
    own === undefined ? '' : `, or the camera's own ${own}${own === 'H.264' ? ' of that rate' : ''}`;
  return `${name}: ${codecText(codec)} from ring ${ring}${instead}`;
}
