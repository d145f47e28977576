import { waitedFor } from "@cell-observatory/zarr";

export interface StallWatchOptions {
  /** Storage that has not answered for so long has stalled. */
  readonly stallS?: number;
  /** Where it is told; nowhere when not given. */
  readonly say?: (line: string) => void;
}

/**
 * Tells once of each file that storage keeps a read waiting for, and once more when it has come:
 * a run that stands still says why. It looks only while something is being read.
 */
export class StallWatch {
  readonly #stallS: number;
  readonly #say: (line: string) => void;
  readonly #opening = new Map<string, number>();
  readonly #told = new Set<string>();
  #numReads = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ stallS = 5, say = () => {} }: StallWatchOptions = {}) {
    this.#stallS = stallS;
    this.#say = say;
  }

  /** Watches the chunks that are read until the work is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#numReads += 1;
    // Twice within the time that makes a stall, so that it is told before twice that time.
    this.#timer ??= setInterval(() => this.#look(), 500 * this.#stallS).unref();
    try {
      return await work();
    } finally {
      this.#numReads -= 1;
      if (this.#numReads === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
        this.#tellOf([]);
      }
    }
  }

  /** The same for an array that is opened: its metadata are read outside the threads of chunks. */
  async whileOpening<T>(path: string, opening: Promise<T>): Promise<T> {
    this.#opening.set(path, performance.now());
    try {
      return await this.during(() => opening);
    } finally {
      this.#opening.delete(path);
    }
  }

  #look(): void {
    const opening = [...this.#opening].map(([path, sinceMs]) => {
      return { path, seconds: (performance.now() - sinceMs) / 1000 };
    });
    const stalled = [...opening, ...waitedFor(this.#stallS)];
    this.#tellOf(stalled.filter(({ seconds }) => seconds >= this.#stallS));
  }

  #tellOf(stalled: readonly { readonly path: string; readonly seconds: number }[]): void {
    for (const path of this.#told) {
      if (stalled.some((file) => file.path === path)) continue;
      this.#told.delete(path);
      this.#say(`storage no longer keeps ${path} waiting`);
    }
    for (const { path, seconds } of stalled) {
      if (this.#told.has(path)) continue;
      this.#told.add(path);
      this.#say(`storage has not given ${path} for ${Math.round(seconds)} s; still waiting`);
    }
  }
}
