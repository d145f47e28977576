/**
 * Work that runs side by side. A failure is kept until someone waits, whenever it came: nothing that
 * failed between two waits is lost.
 */
export class RunningWork {
  readonly #running = new Set<Promise<void>>();

  add(work: Promise<void>): void {
    const kept: Promise<void> = work.then(() => {
      this.#running.delete(kept);
    });
    kept.catch(() => {}); // what failed stays in the set: the next wait throws it
    this.#running.add(kept);
  }

  /** Waits until one more is done. */
  async oneDone(): Promise<void> {
    await Promise.race(this.#running);
  }

  /** Waits until all are done; throws what failed first. */
  async allDone(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Waits until none runs any more, whatever became of it. */
  async allSettled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
