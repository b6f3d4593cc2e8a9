import { CamstreamError, type ControlSettings } from '@camstream/core';
import type { Command } from 'commander';
import type { CommandSettings } from './command-line.js';

/** What `camstream-producer controls` was asked for. */
export interface ControlsRequest {
  /** A camera of the configuration, a node, or `id:` and a stable id; undefined: the only camera. */
  readonly camera: string | undefined;
  readonly settings: ControlSettings;
  readonly asJson: boolean;
}

/** Commands that look at cameras without the service. */
export type DeviceCommand =
  | { readonly kind: 'devices'; readonly asJson: boolean }
  | { readonly kind: 'controls'; readonly settings: CommandSettings; readonly request: ControlsRequest };

/** Adds `devices` and `controls`; `found` is called with what somebody typed. Throws USAGE while parsing. */
export function addDeviceCommands(program: Command, found: (command: DeviceCommand) => void): void {
  program
    .command('devices')
    .description('list the cameras of this machine with their formats, sizes, rates and controls')
    .option('--json', 'for programs')
    .action(({ json }: { json?: true }) => found({ kind: 'devices', asJson: json === true }));
  program
    .command('controls [camera]')
    .description('list or set the controls of a camera: of the configuration, /dev/videoN or id:ID')
    .option('--set <name=value...>', 'set controls: numbers, true, false, or names of menu entries')
    .option('--json', 'for programs')
    .option('--config <file>', 'camstream.yaml that names the cameras')
    .action((camera: string | undefined, { config, set = [], json }: RawControls) => {
      const request = { camera, settings: settingsOfPairs(set), asJson: json === true };
      const settings = { configPath: config, ringRoot: undefined, source: undefined, overrides: [] };
      found({ kind: 'controls', settings, request });
    });
}

interface RawControls {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly json?: true;
}

/** `name=value ...` as settings. */
function settingsOfPairs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      const help = 'see camstream-producer controls --help';
      throw new CamstreamError('USAGE', `--set: wanted name=value, found "${pair}" (${help})`);
    }),
  );
}
