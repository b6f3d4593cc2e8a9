import { type Unit, unitBytes } from '../unit/unit.js';

/** More than a key frame group of one second at 100 Mbit/s; then something is wrong with the key frames. */
const mostBytes = 32 * 2 ** 20;

/** What a viewer who joins begins with: the newest JPEG, or all units since the last key frame. */
export class KeyframeCache<U extends Unit> {
  private group: U[] = [];
  private bytes = 0;

  /** Oldest first; empty while nothing can begin. */
  get units(): readonly U[] {
    return this.group;
  }

  get newest(): U | undefined {
    return this.group.at(-1);
  }

  add(unit: U): void {
    if (unit.codec === 'jpeg' || unit.keyFrame) this.clear();
    else if (this.group.length === 0) return;
    this.bytes += unitBytes(unit);
    if (this.bytes > mostBytes) {
      this.clear();
      return;
    }
    this.group.push(unit);
  }

  clear(): void {
    this.group = [];
    this.bytes = 0;
  }
}
