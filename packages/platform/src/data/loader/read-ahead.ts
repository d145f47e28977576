/** What reads the things of a queue, in their order. */
export interface ReadAheadConfig<T> {
  /** The first number to read, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** So many are read behind the one that will be asked for next. */
  readonly numAhead: number;
  read(number: number): Promise<T>;
  /** Called whenever a read has ended, well or not. */
  onRead(): void;
}

interface Reading<T> {
  readonly number: number;
  readonly reading: Promise<T>;
  /** What was read; null: the read has not ended, or has failed. */
  found: { readonly value: T } | null;
}

/** Reads things ahead of who asks for them, and hands them out in their order. */
export class ReadAhead<T> {
  readonly #config: ReadAheadConfig<T>;
  readonly #queue: Reading<T>[] = [];
  #next: number;

  constructor(config: ReadAheadConfig<T>) {
    this.#config = config;
    this.#next = config.from;
  }

  /** Begins the reads that there is room for. */
  fill(): void {
    const { to, numAhead, read, onRead } = this.#config;
    while (this.#queue.length <= numAhead && this.#next < to) {
      const number = this.#next++;
      const one: Reading<T> = { number, reading: read(number), found: null };
      this.#queue.push(one);
      one.reading.then(
        (value) => {
          one.found = { value };
          onRead();
        },
        onRead, // its error is thrown in its turn, or goes when the loop is left
      );
    }
  }

  /** The number of the first that was not taken; null: all were. */
  get first(): number | null {
    return this.#queue[0]?.number ?? (this.#next < this.#config.to ? this.#next : null);
  }

  /** The first, if it is there. */
  take(): T | null {
    const [first] = this.#queue;
    if (!first?.found) return null;
    this.#queue.shift();
    return first.found.value;
  }

  /** Settles when the first is there; throws what its read threw, or what `late` does. */
  async untilRead(late: Promise<never>): Promise<void> {
    this.fill();
    const [first] = this.#queue;
    if (first) await Promise.race([first.reading, late]);
  }

  /** Settles when every read has ended; those that brought something are given back as they end. */
  async giveBack(release: (value: T) => void): Promise<void> {
    this.#next = this.#config.to;
    const left = this.#queue.splice(0);
    await Promise.all(
      left.map(({ reading }) => reading.then(release, () => {})), // one that failed has freed its own
    );
  }
}
