import {
  type CameraControl,
  CamstreamError,
  findCamera,
  listCameras,
  readControls,
  setControls,
} from '@camstream/core';
import type { Config } from './config/config.js';
import type { ControlsRequest } from './config/device-commands.js';

/**
 * Lists or sets a camera's controls on the device itself, also while the service streams from it; the service
 * learns of it from the driver and sets them again when the camera comes back. Throws CONTROL_*, DEVICE_*.
 */
export async function controls(
  { camera, settings, asJson }: ControlsRequest,
  config: Config,
): Promise<number> {
  const device = await deviceOf(camera, config);
  const found =
    Object.keys(settings).length === 0 ? await readControls(device) : await setControls(device, settings);
  process.stdout.write(asJson ? `${JSON.stringify(found, null, 2)}\n` : controlsText(found));
  return 0;
}

/** The table for people: name, value, what it may be. */
export function controlsText(found: readonly CameraControl[]): string {
  if (found.length === 0) return 'This camera has no controls.\n';
  const width = Math.max(...found.map(({ name }) => name.length));
  return found.map((control) => `${control.name.padEnd(width)}  ${valueText(control)}\n`).join('');
}

function valueText(control: CameraControl): string {
  const { kind, value, minimum, maximum, step, menu } = control;
  const notes = [
    ...(control.readOnly ? ['read only'] : []),
    ...(control.locked ? ['locked: the camera streams'] : []),
    ...(control.inactive ? ['inactive: an automatic decides'] : []),
  ];
  const note = notes.length === 0 ? '' : `  (${notes.join(', ')})`;
  switch (kind) {
    case 'button':
      return `button${note}`;
    case 'boolean':
      return `${value !== 0}  [true, false; default ${control.default !== 0}]${note}`;
    case 'menu': {
      const nameOf = (number: number) => menu.find((entry) => entry.value === number)?.name ?? String(number);
      const choices = menu.map(({ name }) => name).join(', ');
      return `${nameOf(value)}  [${choices}; default ${nameOf(control.default)}]${note}`;
    }
    default: {
      const steps = step > 1 ? ` in steps of ${step}` : '';
      return `${value}  [${minimum} to ${maximum}${steps}; default ${control.default}]${note}`;
    }
  }
}

/** The node of a camera as people name it. */
async function deviceOf(camera: string | undefined, { cameras }: Config): Promise<string> {
  const configured = camera === undefined && cameras.length === 1 ? cameras[0] : undefined;
  const named = configured ?? cameras.find(({ name }) => name === camera);
  if (named?.source.kind === 'v4l2') return nodeOf(named.source.path);
  if (named?.source.kind === 'auto') return theOnlyCamera(named.name);
  if (named) throw noDevice(`the camera "${named.name}" of the configuration is no V4L2 camera`);
  if (camera !== undefined && /^(\/dev\/|id:)/.test(camera)) return nodeOf(camera);
  const names = cameras.map(({ name }) => name).join(', ');
  throw noDevice(
    `wanted a camera of the configuration (${names}), /dev/videoN or id:ID, found ${camera ?? 'nothing'}`,
  );
}

async function nodeOf(device: string): Promise<string> {
  if (!device.startsWith('id:')) return device;
  const found = await findCamera(device.slice('id:'.length));
  if (found) return found.path;
  throw noDevice(`there is no camera ${device}`);
}

/** What `auto` of the service has taken is known to the service alone, unless there is nothing to choose. */
async function theOnlyCamera(name: string): Promise<string> {
  const [first, ...others] = await listCameras();
  if (first && others.length === 0) return first.path;
  const found = [first, ...others].flatMap((camera) => (camera ? [camera.path] : [])).join(', ');
  throw noDevice(
    `the camera "${name}" has the source auto, and there is ${found || 'no camera'}; name the device`,
  );
}

function noDevice(message: string): CamstreamError {
  return new CamstreamError(
    'DEVICE_NOT_FOUND',
    `${message}. \`camstream-producer devices\` lists the cameras.`,
  );
}
