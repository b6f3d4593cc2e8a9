import {
  type CameraAddon,
  CamstreamError,
  type Log,
  type NativeCamera,
  type NativeNeeds,
} from '@camstream/core';
import { rankCameras } from './choose-camera.js';

/** What `source: auto` chooses from, and by what. */
export interface AutoCameraOptions {
  readonly addon: Pick<CameraAddon, 'listCameras'>;
  readonly needs: NativeNeeds;
  /** Devices that other cameras of this service have (nodes, or `id:` and an id) are left alone. */
  readonly taken: ReadonlySet<string>;
  /** Begins each line of the log: "camera main: source auto". */
  readonly who: string;
  readonly log: Log;
}

/** The choice of `source: auto`, made at the start and, while there is no camera, again and again. */
export class AutoCamera {
  /** By node: why it was passed over, so that each reason is told once. */
  private passedOver = new Map<string, string>();

  constructor(private readonly options: AutoCameraOptions) {}

  /** Whether there are cameras that may be free, or open, later. */
  get mayComeFree(): boolean {
    return this.passedOver.size > 0;
  }

  /**
   * The best camera that `open` opens; says which and why. undefined: there is none. `meanwhile`: something
   * else is shown, which goes on. Then cameras that somebody uses are not tried, for trying takes the time
   * that is given them to let go; and whatever is wrong with one, a wrong control too, passes it over.
   */
  async openBest<T>(open: (path: string) => Promise<T>, meanwhile = false): Promise<T | undefined> {
    const { addon, needs, log, who, taken } = this.options;
    const before = this.passedOver;
    this.passedOver = new Map();
    const found = rankCameras(await addon.listCameras(needs), needs);
    const free = found.filter(({ camera }) => !taken.has(camera.path) && !taken.has(`id:${camera.id}`));
    for (const { camera, why } of free) {
      const reason =
        meanwhile && camera.holders.length > 0 ? inUse(camera) : await attempt(camera, open, meanwhile);
      if (typeof reason !== 'object') {
        this.passOver(camera.path, reason, before);
        continue;
      }
      log.info({}, `${who} takes ${camera.path} (${camera.name}, id:${camera.id}): ${why}`);
      return reason.opened;
    }
    return undefined;
  }

  private passOver(path: string, reason: string, before: ReadonlyMap<string, string>): void {
    const { log, who } = this.options;
    this.passedOver.set(path, reason);
    if (before.get(path) !== reason) log.info({}, `${who} passes over ${path}: ${reason}`);
  }
}

/** What opened, or why nothing has. */
async function attempt<T>(
  { path }: NativeCamera,
  open: (path: string) => Promise<T>,
  meanwhile: boolean,
): Promise<{ readonly opened: T } | string> {
  try {
    return { opened: await open(path) };
  } catch (error) {
    if (!(error instanceof CamstreamError) || !(meanwhile || isOfDevice(error))) throw error;
    return `${error.message}  code=${error.code}`;
  }
}

function inUse({ holders }: NativeCamera): string {
  const names = holders.map(({ program, process }) => `${program} (process ${process})`);
  return `in use by ${names.join(', ')}`;
}

/** What is wrong with the ring, or with a wish, would be wrong with every device. */
function isOfDevice({ code }: CamstreamError): boolean {
  return /^(DEVICE|CAMERA)_/.test(code);
}
