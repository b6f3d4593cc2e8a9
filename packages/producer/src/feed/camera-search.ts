import { readdirSync, statSync } from 'node:fs';
import type { AutoCamera } from './auto-camera.js';

/** What a search does with what it finds. */
export interface CameraSearchOptions {
  /** Takes the camera at that node, or throws what is wrong with it; after one the search is over. */
  readonly change: (path: string) => Promise<void>;
  /** Told what made a look fail; the next one follows all the same. */
  readonly failed: (error: unknown) => void;
  /** What can be seen of all nodes at no cost. */
  readonly nodes?: () => string;
  readonly lookEveryMs?: number;
  readonly retryEveryMs?: number;
}

/** Waits for a camera in place of the test picture: one that appears, gets its rights, or is let go of. */
export class CameraSearch {
  private readonly timer: NodeJS.Timeout;
  private known = '';
  private triedAtMs = performance.now();
  private looking: Promise<void> = Promise.resolve();
  private busy = false;
  private stopped = false;

  private constructor(
    private readonly auto: Pick<AutoCamera, 'openBest' | 'mayComeFree'>,
    private readonly options: CameraSearchOptions,
  ) {
    this.timer = setInterval(() => this.look(), options.lookEveryMs ?? 1000);
    this.timer.unref();
  }

  static start(
    auto: Pick<AutoCamera, 'openBest' | 'mayComeFree'>,
    options: CameraSearchOptions,
  ): CameraSearch {
    return new CameraSearch(auto, options);
  }

  /** Resolves when a look that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.looking;
  }

  private look(): void {
    if (this.busy) return;
    const now = performance.now();
    const { nodes: see = videoNodes, retryEveryMs = 10_000 } = this.options;
    const nodes = see();
    const retry = this.auto.mayComeFree && now - this.triedAtMs >= retryEveryMs;
    if (nodes === this.known && !retry) return;
    this.known = nodes;
    this.triedAtMs = now;
    this.busy = true;
    this.looking = this.attempt();
  }

  private async attempt(): Promise<void> {
    try {
      const found = await this.auto.openBest(async (path) => {
        if (!this.stopped) await this.options.change(path);
        return path;
      }, true);
      if (found !== undefined) this.end();
    } catch (error) {
      if (!this.stopped) this.options.failed(error);
    } finally {
      this.busy = false;
    }
  }

  private end(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }
}

/** Names and rights of the nodes that there are. */
function videoNodes(): string {
  const folder = '/sys/class/video4linux';
  try {
    return readdirSync(folder).sort().map(nodeText).join(' ');
  } catch {
    return ''; // no camera has ever been there
  }
}

function nodeText(name: string): string {
  const node = statSync(`/dev/${name}`, { throwIfNoEntry: false });
  return `${name}:${node?.mode}:${node?.uid}:${node?.gid}:${node?.ctimeMs}`;
}
