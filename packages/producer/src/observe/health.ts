import type { LoopState } from '../feed/loop-events.js';
import type { Observed } from './observed.js';

/** Whether the service does its work, and if not why, one sentence each: `camera main: no frames`. */
export function unhealthyReasons({ cameras, conversions, streams }: Health): string[] {
  return [
    ...cameras.flatMap(({ name, state }) => reasonOf(`camera ${name}`, state)),
    ...conversions.flatMap(({ name, state }) => reasonOf(`ring ${name}`, state)),
    ...streams.flatMap(({ stream, encoder: { problem } }) =>
      problem === undefined ? [] : [`stream ${stream.name}: ${problem.code}: ${problem.message}`],
    ),
  ];
}

/** What health is judged by. */
export type Health = Pick<Observed, 'cameras' | 'conversions' | 'streams'>;

function reasonOf(who: string, state: LoopState): string[] {
  switch (state.kind) {
    case 'live':
      return [];
    case 'stalled':
      return [`${who}: no frames`];
    case 'failed':
      return [`${who}: ${state.code}: ${state.message}`];
  }
}
