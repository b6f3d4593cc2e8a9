import { hasErrorCode } from '@camstream/core';
import { parseCommandLine } from './config/command-line.js';
import { readConfigFile } from './config/config-file.js';
import { parseConfig } from './config/parse-config.js';
import { ringFolderOfProcess } from './config/ring-place.js';

/** camstream-producer. Returns the exit code: 0 clean, 2 wrong usage or configuration, 1 anything else. */
export async function main(args: readonly string[], version: string): Promise<number> {
  try {
    const command = parseCommandLine(args, version);
    if (command.kind === 'print') {
      process.stdout.write(command.text);
      return 0;
    }
    if (command.kind === 'devices') return await (await import('./devices.js')).devices(command.asJson);
    const { settings } = command;
    const config = parseConfig(await readConfigFile(settings.configPath), settings);
    if (command.kind === 'status') {
      const { status } = await import('./status/status.js');
      return await status(config, command.wish);
    }
    if (command.kind === 'controls') {
      return await (await import('./controls.js')).controls(command.request, config);
    }
    const folder = ringFolderOfProcess(settings.ringRoot);
    // Each command loads what it needs: `check` works where the camera's libraries are missing.
    if (command.kind === 'check') return (await import('./check.js')).check(config, folder.root);
    return await (await import('./run.js')).run(config, folder, version);
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    return hasErrorCode(error, 'USAGE', 'CONFIG_INVALID', 'CONFIG_UNREADABLE') ? 2 : 1;
  }
}

/** `CODE: message` for what we know; the stack for what should not have happened. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.stack ?? error.message;
  return error.message.includes('\n')
    ? `${error.code}:\n${error.message}`
    : `${error.code}: ${error.message}`;
}
