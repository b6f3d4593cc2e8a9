/** One line of the log: facts first, then the sentence, as pino has it. */
export type LogLine = (details: Readonly<Record<string, unknown>>, message: string) => void;

/**
 * Where log lines go; a pino logger fits. Levels by audience: debug for developers, info for the
 * operator, warn when we recovered by ourselves, error when the operator must act.
 */
export interface Log {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}

/** A log that keeps quiet. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
