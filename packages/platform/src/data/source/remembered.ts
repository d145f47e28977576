interface Made<T> {
  readonly promise: Promise<T>;
  /** Of who asked first: when it is aborted, the making is given up. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Things that are made once, and shared by all who ask for them. What could not be made is tried again
 * by who asks next, and what was given up, since who had asked first has left, by the others.
 */
export class Remembered<T> {
  readonly #made = new Map<string, Made<T>>();

  async get(key: string, make: () => Promise<T>, signal?: AbortSignal | undefined): Promise<T> {
    for (;;) {
      const known = this.#made.get(key) ?? this.#begin(key, make, signal);
      try {
        return await known.promise;
      } catch (error) {
        if (this.#made.get(key) === known) this.#made.delete(key);
        const isGivenUp = known.signal?.aborted && known.signal !== signal;
        if (!isGivenUp || signal?.aborted) throw error;
      }
    }
  }

  #begin(key: string, make: () => Promise<T>, signal: AbortSignal | undefined): Made<T> {
    const made = { promise: make(), signal };
    this.#made.set(key, made);
    return made;
  }
}
