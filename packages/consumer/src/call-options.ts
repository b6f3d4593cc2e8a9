import { CamstreamError } from '@camstream/core';

/** The longest time that a timer of Node's can wait: 24.8 days. */
export const longestTimerMs = 2 ** 31 - 1;

/** Throws OPTION_INVALID unless `timeoutMs` is a number of milliseconds; undefined and Infinity: no end. */
export function checkTimeout(call: string, timeoutMs: unknown): void {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs >= 0)) return;
  const found = typeof timeoutMs === 'string' ? JSON.stringify(timeoutMs) : String(timeoutMs);
  throw new CamstreamError(
    'OPTION_INVALID',
    `${call}: timeoutMs is a number of milliseconds from 0, or Infinity; found ${found}.`,
  );
}

/** Throws OPTION_INVALID unless `signal` is an AbortSignal or undefined. */
export function checkSignal(call: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new CamstreamError(
    'OPTION_INVALID',
    `${call}: signal is an AbortSignal, new AbortController().signal for instance; found ${String(signal)}.`,
  );
}

/** Throws OPTION_INVALID for an option that the call does not have: a slip of the pen would go unnoticed. */
export function checkNames(call: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new CamstreamError(
    'OPTION_INVALID',
    `${call}: there is no option ${JSON.stringify(unknown)}; there are ${known.join(', ')}.`,
  );
}

/** Throws OPTION_INVALID unless `value` is true, false or undefined. */
export function checkFlag(call: string, name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new CamstreamError('OPTION_INVALID', `${call}: ${name} is true or false; found ${String(value)}.`);
}
