/** What close() gives back. */
export interface Keepable {
  release(): void;
}

/** The frames that no loop releases, without keeping them alive: close() gives them back. */
export class KeptFrames {
  readonly #frames = new Set<WeakRef<Keepable>>();

  /** Remembers `frame`; the answer is for forget(). */
  add(frame: Keepable): WeakRef<Keepable> {
    const ref = new WeakRef(frame);
    this.#frames.add(ref);
    return ref;
  }

  /** It was released, or collected. */
  forget(ref: WeakRef<Keepable>): void {
    this.#frames.delete(ref);
  }

  releaseAll(): void {
    for (const ref of this.#frames) ref.deref()?.release();
    this.#frames.clear();
  }
}
