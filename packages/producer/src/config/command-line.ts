import { resolve } from 'node:path';
import { CamstreamError } from '@camstream/core';
import { Command, CommanderError, Option } from 'commander';
import { logLevels } from './config.js';
import { addDeviceCommands, type DeviceCommand } from './device-commands.js';
import { nearestName } from './nearest-name.js';
import type { ConfigOverride } from './parse-config.js';
import { sourceForms } from './source.js';

/** What somebody typed. */
export type CommandLine =
  | { readonly kind: 'run' | 'check'; readonly settings: CommandSettings }
  | { readonly kind: 'status'; readonly settings: CommandSettings; readonly wish: StatusWish }
  | DeviceCommand
  /** --help or --version: text for stdout. */
  | { readonly kind: 'print'; readonly text: string };

/** What `status` was asked for. */
export interface StatusWish {
  readonly json: boolean;
  /** Of the service; undefined: where the configuration says that it listens. */
  readonly url: string | undefined;
}

/** Options that the commands share. */
export interface CommandSettings {
  readonly configPath: string | undefined;
  readonly ringRoot: string | undefined;
  /** Camera source for the only camera; undefined leaves it to the configuration. */
  readonly source: string | undefined;
  readonly overrides: readonly ConfigOverride[];
}

/** Understands the arguments after the program's name. Throws USAGE. */
export function parseCommandLine(args: readonly string[], version: string): CommandLine {
  let result: CommandLine | undefined;
  const printed: string[] = [];
  const program = new Command('camstream-producer')
    .description('Owns a camera and gives its frames to local processes and network viewers.')
    .version(version)
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nOptions of a command: camstream-producer run --help.' +
        '\nExit codes: 0 clean, 2 wrong usage or configuration, 1 anything else.',
    );
  const add = (kind: 'run' | 'check', description: string, isDefault: boolean) => {
    const command = program.command(kind, { isDefault }).description(description);
    for (const option of options()) command.addOption(option);
    command.action((values: RawOptions) => {
      result = { kind, settings: settingsOf(values) };
    });
  };
  add('run', 'run the service (the default)', true);
  add('check', 'print the problems of a configuration, or the plan: rings, streams, memory', false);
  addStatus(program, (command) => {
    result = command;
  });
  addDeviceCommands(program, (command) => {
    result = command;
  });
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .configureOutput({
        writeOut: (text) => printed.push(text),
        writeErr: () => {},
        getOutHelpWidth: () => 100,
      });
  }
  try {
    program.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: printed.join('') };
    throw new CamstreamError('USAGE', usageText(error, args), { cause: error });
  }
  if (result === undefined) throw new CamstreamError('USAGE', 'no command; see camstream-producer --help');
  return result;
}

function addStatus(program: Command, found: (command: CommandLine) => void): void {
  const own = [
    new Option('--json', 'the answer of /api/status as it is'),
    new Option('--url <url>', 'where the service is; without it where the configuration says'),
  ];
  const command = program.command('status').description('ask the running service how it does');
  const shared = options().filter(({ long }) => statusOptions.has(long ?? ''));
  for (const option of [...own, ...shared]) command.addOption(option);
  command.action(({ json = false, url, ...values }: RawOptions & { json?: boolean; url?: string }) => {
    found({ kind: 'status', settings: settingsOf(values), wish: { json, url } });
  });
}

const statusOptions = new Set(['--config', '--host', '--http-port']);

interface RawOptions {
  readonly config?: string;
  readonly source?: string;
  readonly host?: string;
  readonly httpPort?: string;
  readonly rtspPort?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
  readonly ringRoot?: string;
}

function options(): Option[] {
  return [
    new Option('--config <file>', 'camstream.yaml to read; without it the built-in configuration'),
    new Option('--source <source>', `the camera's source: ${sourceForms}`),
    new Option('--host <address>', 'where to listen (default: localhost, which is 127.0.0.1 and [::1])'),
    new Option('--http-port <port>', 'port of everything over HTTP (default: 8000)'),
    new Option('--rtsp-port <port>', 'port of RTSP (default: 8554)'),
    new Option('--log-level <level>', `${logLevels.join(', ')} (default: info)`),
    new Option('--log-format <format>', 'text or json (default: text)'),
    new Option(
      '--ring-root <folder>',
      'where rings are made (default: /dev/shm/camstream for root, else\n' + '/dev/shm/camstream-UID)',
    ).env('CAMSTREAM_RING_ROOT'),
  ];
}

function settingsOf(values: RawOptions): CommandSettings {
  const overrides: ConfigOverride[] = [];
  const add = (option: string, path: readonly [string, ...string[]], value: unknown) => {
    if (value !== undefined) overrides.push({ option, path, value });
  };
  add('--host', ['server', 'host'], values.host);
  add('--http-port', ['server', 'httpPort'], numberOr(values.httpPort));
  add('--rtsp-port', ['server', 'rtspPort'], numberOr(values.rtspPort));
  add('--log-level', ['log', 'level'], values.logLevel);
  add('--log-format', ['log', 'format'], values.logFormat);
  return {
    configPath: values.config,
    // An empty variable is an unset one.
    ringRoot: values.ringRoot === '' ? undefined : values.ringRoot,
    source: fromHere(values.source),
    overrides,
  };
}

/** A file on the command line is meant from the current folder, not from the configuration's. */
function fromHere(source: string | undefined): string | undefined {
  return source?.startsWith('file:') && source !== 'file:'
    ? `file:${resolve(source.slice('file:'.length))}`
    : source;
}

/** The number that `text` writes; text that is none is left to the schema to refuse. */
function numberOr(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function usageText(error: CommanderError, args: readonly string[]): string {
  const help = 'see camstream-producer --help';
  if (error.code === 'commander.excessArguments') {
    const commands = ['run', 'check', 'status', 'devices', 'controls'];
    const unknown = args.find((arg) => !arg.startsWith('-') && !commands.includes(arg)) ?? '';
    const near = nearestName(unknown, commands);
    return `"${unknown}" is no command${near ? `; did you mean ${near}?` : ''} (${help})`;
  }
  return `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')} (${help})`;
}
