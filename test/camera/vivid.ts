import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { colourDistance, type Rgb } from '../support/pixel-colour.js';
import { until } from '../support/until.js';

/** The node of a vivid device by its name in sysfs: 'vivid-000-vid-cap'. */
export function vividNode(name: string): string {
  const folder = '/sys/class/video4linux';
  const found = readdirSync(folder).find(
    (node) => readFileSync(`${folder}/${node}/name`, 'utf8').trim() === name,
  );
  if (!found) throw new Error(`no ${name} here; run by test/camera/run`);
  return `/dev/${found}`;
}

/** Sets a control by the name that v4l2-ctl gives it. */
export function setControl(node: string, control: string, value: number): void {
  execFileSync('v4l2-ctl', ['-d', node, '-c', `${control}=${value}`]);
}

/**
 * Makes the HDMI input's source send this size at 60/s: what the capture side is set to, whatever was sent
 * before. (A capture sets controls again as they were before a fault, so "no signal" may outlive its test.)
 */
export function sendSignal(node: string, width: number, height: number): void {
  const list = execFileSync('v4l2-ctl', ['-d', node, '--list-dv-timings'], { encoding: 'utf8' });
  const found = list.split(/(?=Index: )/).find((entry) => {
    const value = (name: string) => Number(new RegExp(`${name}: ([\\d.]+)`).exec(entry)?.[1]);
    const total = value('Total width') * value('Total height');
    const hertz = value('Pixelclock') / total;
    return value('Active width') === width && value('Active height') === height && Math.abs(hertz - 60) < 0.1;
  });
  const index = /Index: (\d+)/.exec(found ?? '')?.[1];
  if (index === undefined) throw new Error(`no timings of ${width}x${height} at 60/s in:\n${list}`);
  execFileSync('v4l2-ctl', ['-d', node, '--set-dv-bt-timings', `index=${index}`]);
  setControl(node, signalMode, 0); // "Current DV Timings": those of the line above
}

/** Pulls the plug of the HDMI input's source; sendSignal() puts it in again. */
export function cutSignal(node: string): void {
  setControl(node, signalMode, 1); // "No Signal"
}

const signalMode = 'dv_timings_signal_mode';

/** Changes what comes in at the HDMI input, as its source does while somebody streams: '1280x720p60'. */
export function changeSignal(node: string, timings: string): void {
  const list = execFileSync('v4l2-ctl', ['-d', node, '--list-ctrls-menus'], { encoding: 'utf8' });
  const menu = list.slice(list.search(/^ *dv_timings 0x/m));
  const entry = new RegExp(`^\\s+(\\d+): ${timings}$`, 'm').exec(menu)?.[1];
  if (entry === undefined) throw new Error(`no timings ${timings} in:\n${menu}`);
  const selected = 4; // "Selected DV Timings"
  execFileSync('v4l2-ctl', ['-d', node, '-c', `${signalMode}=${selected},dv_timings=${entry}`]);
}

const driver = '/sys/bus/platform/drivers/vivid';

/** Takes the device away as if it had been unplugged. */
export function unplug(device: string): void {
  writeFileSync(`${driver}/unbind`, device);
}

/** Brings it back, under the same node. */
export async function plugIn(device: string, node: string): Promise<void> {
  writeFileSync(`${driver}/bind`, device);
  await until(node, () => existsSync(node));
}

/** Where to look for vivid's eight colour bars: in the middle of each, below the text. */
export const barPlaces = Array.from({ length: 8 }, (_, bar) => [(bar + 0.5) / 8, 0.85] as const);

/** White, yellow, cyan, green, magenta, red, blue, black, at 75 %. */
const bars: readonly Rgb[] = [7, 6, 3, 2, 5, 4, 1, 0].map((bits) => [
  bits & 4 ? 191 : 0,
  bits & 2 ? 191 : 0,
  bits & 1 ? 191 : 0,
]);

/** How far the colours seen are from the bars, at worst. vivid makes grey ones by the weights of Rec. 709. */
export function distanceFromBars(colours: readonly Rgb[], grey = false): number {
  const wanted = bars.map((bar): Rgb => {
    const luma = 0.2126 * bar[0] + 0.7152 * bar[1] + 0.0722 * bar[2];
    return grey ? [luma, luma, luma] : bar;
  });
  return Math.max(...wanted.map((bar, index) => colourDistance(bar, colours[index] ?? [255, 255, 255])));
}

const parameters = '/sys/module/vivid/parameters';
let loadedWith: readonly string[] = [];

/** Unloads the driver, as soon as nobody has a node of it open. */
export async function unload(): Promise<void> {
  loadedWith = ['n_devs', 'node_types', 'num_inputs', 'input_types', 'multiplanar'].map(
    (name) => `${name}=${readFileSync(`${parameters}/${name}`, 'utf8').trim()}`,
  );
  unplug('vivid.0');
  await until('nobody uses vivid', () => spawnSync('rmmod', ['vivid']).status === 0);
}

/** Loads it as it was; `numbers` are those of the capture nodes, else what is free. */
export function load(numbers?: readonly number[]): void {
  const cache = `${process.env.XDG_CACHE_HOME ?? `${process.env.HOME}/.cache`}/camera-vm/root`;
  const file = `${cache}/lib/modules/${release()}/kernel/drivers/media/test-drivers/vivid/vivid.ko`;
  const chosen = numbers ? [`vid_cap_nr=${numbers.join(',')}`] : [];
  execFileSync('insmod', [file, ...loadedWith, ...chosen]);
}
