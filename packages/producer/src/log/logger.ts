import type { Log } from '@camstream/core';
import { pino } from 'pino';
import type { LogConfig } from '../config/config.js';
import { textLine } from './text-line.js';

/** The service's log: lines for people, or pino's JSON, to `write`. */
export function createLogger({ level, format }: LogConfig, write: (line: string) => void): Log {
  const destination = { write: format === 'json' ? write : (line: string) => write(textLine(line)) };
  return pino({ level, base: null }, destination);
}
