import { parseArgs } from 'node:util';
import { CamstreamError, checkRingName } from '@camstream/core';

/** What camstream-inspect was asked for. */
export interface InspectOptions {
  readonly kind: 'help' | 'rings' | 'raw';
  /** Undefined: all rings. */
  readonly ring: string | undefined;
  readonly json: boolean;
  readonly watch: boolean;
}

/** The text of --help. */
export const usage = `Usage: camstream-inspect [RING] [--json] [--watch]
       camstream-inspect RING --raw > FILE

Rings on this machine: size, format, state, measured rate, age of the newest frame, readers, leases.

  --json    one JSON object a ring and line
  --watch   again every second, until Ctrl-C
  --raw     the ring's frames to standard output, one after the other as they lie in memory
  --help    this text

Exit code 0: all is well; 1: a ring cannot be read, has no producer, or does not exist; 2: wrong usage.`;

/** Parses the command line. Throws USAGE or RING_NAME. */
export function parseInspectOptions(args: readonly string[]): InspectOptions {
  const { values, positionals } = parsed(args);
  const ring = positionals[0];
  if (positionals.length > 1) throw wrong(`wanted one ring at most, found ${positionals.join(' ')}`);
  if (ring !== undefined) checkRingName(ring);
  if (values.raw && ring === undefined) throw wrong('--raw wants the name of a ring');
  if (values.raw && (values.json || values.watch)) throw wrong('--raw goes with neither --json nor --watch');
  const kind = values.help ? 'help' : values.raw ? 'raw' : 'rings';
  return { kind, ring, json: values.json, watch: values.watch };
}

function parsed(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: flag, watch: flag, raw: flag, help: { ...flag, short: 'h' } },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(what: string): CamstreamError {
  return new CamstreamError('USAGE', `${what}. \`camstream-inspect --help\` shows what there is.`);
}
