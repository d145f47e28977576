import { engine, type Opaque } from "./binding.ts";

/**
 * Memory whose pages stay where they are, so that a CUDA device reads it by itself while the program
 * goes on. The buffer is kept alive until {@link release}.
 *
 * CUDA must be loaded, as it is once a CUDA device was named.
 */
export class PageLock {
  /** Why the pages are not locked, as a sentence; null: they are. */
  readonly whyNot: string | null;
  readonly #handle: Opaque;

  constructor(buffer: ArrayBuffer | SharedArrayBuffer) {
    this.#handle = engine().lockPages(new Uint8Array(buffer));
    this.whyNot = engine().whyNotLocked(this.#handle) || null;
  }

  /** No copy from the memory may be under way. */
  release(): void {
    engine().unlockPages(this.#handle);
  }
}
