import { type Config, ConfigError, parseConfig } from '@camstream/producer';

/** A configuration file of this text, as if it were /etc/camstream/camstream.yaml. */
export function parseText(text: string): Config {
  return parseConfig({ text, fileName: 'camstream.yaml', folder: '/etc/camstream' });
}

/** What is wrong with it, a line each. */
export function problemsOf(text: string): string[] {
  try {
    parseText(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}
