/** Whether a ring has readers in other processes. */
export class Visits {
  private any = false;
  private follower: ((any: boolean) => void) | undefined;

  /** Calls `follower` when the first comes, at once if there is one, and when the last has gone. */
  follow(follower: (any: boolean) => void): void {
    this.follower = follower;
    if (this.any) follower(true);
  }

  /** What the ring tells. */
  set(any: boolean): void {
    if (any === this.any) return;
    this.any = any;
    this.follower?.(any);
  }
}
