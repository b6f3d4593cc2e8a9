import { type Camera, type CameraControl, listCameras, type NativeCameraMode } from '@camstream/core';
import { sizesOf } from './device-sizes.js';

/** Prints the cameras of this machine. Returns 0; also where there is none, for nothing is wrong then. */
export async function devices(asJson: boolean): Promise<number> {
  const cameras = await listCameras();
  process.stdout.write(
    asJson ? `${JSON.stringify(cameras.map(cameraJson), null, 2)}\n` : devicesText(cameras),
  );
  return 0;
}

/** The table for people. */
export function devicesText(cameras: readonly Camera[]): string {
  if (cameras.length === 0) {
    return 'No camera: no /dev/videoN gives pictures. Is one plugged in, and passed into this container?\n';
  }
  return `${cameras.flatMap((camera) => [...cameraLines(camera), '']).join('\n')}`;
}

function cameraLines(camera: Camera): string[] {
  const { path, name, id, bus, driver, inputs, holders, problem } = camera;
  const inUse = holders.map(({ program, process }) => `${program} (process ${process})`).join(', ');
  const others = [...new Set(camera.modes.filter(({ usable }) => !usable).map(({ format }) => format))];
  return [
    `${path}  ${name}`,
    `  id:${id}`,
    ...(problem ? [`  ${codeOf(problem)}: ${problem.message}`] : [`  driver ${driver}, bus ${bus}`]),
    ...(inUse === '' ? [] : [`  open in ${inUse}`]),
    ...(inputs.length > 1 ? [`  inputs: ${inputs.join(', ')}`] : []),
    ...formatsOf(camera).map(([format, modes]) => `  ${format.padEnd(6)} ${sizesOf(modes).join(', ')}`),
    ...(others.length === 0 ? [] : [`  and, not converted: ${others.join(', ')}`]),
    ...(camera.controls.length > 0 ? [`  controls: ${camera.controls.map(controlName).join(', ')}`] : []),
  ];
}

function controlName({ name }: CameraControl): string {
  return name;
}

/** The formats that rings and streams can be made from, each with its modes. */
function formatsOf(camera: Camera): [string, readonly NativeCameraMode[]][] {
  const usable = camera.modes.filter((mode) => mode.usable);
  return [...new Set(usable.map(({ format }) => format))].map((format) => [
    format,
    usable.filter((mode) => mode.format === format),
  ]);
}

/** A camera as JSON: a problem has its code and message, which JSON leaves out of an Error. */
function cameraJson({ problem, ...camera }: Camera): object {
  return problem ? { ...camera, problem: { code: codeOf(problem), message: problem.message } } : camera;
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : 'DEVICE_SYSTEM';
}
