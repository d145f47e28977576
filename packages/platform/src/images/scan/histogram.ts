/** Counts that occur, in order, each followed by how often: value, number, value, number ... */
export type CountPairs = Uint32Array<ArrayBuffer>;

/** How often each count of 0 to 65535 occurs; it knows which counts occur at all. */
export class Histogram {
  readonly counts = new Float64Array(65536);
  #low = 65536;
  #high = -1;

  /** Counts the values of one row, from `start` up to `end`. */
  addRow(values: Uint16Array | Uint8Array, start: number, end: number): void {
    const { counts } = this;
    let [low, high] = [this.#low, this.#high];
    for (let i = start; i < end; i++) {
      const value = values[i] as number; // inside: the caller's indices are those of the region
      counts[value] = (counts[value] as number) + 1;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    this.#low = low;
    this.#high = high;
  }

  #add(value: number, count: number): void {
    this.counts[value] = (this.counts[value] ?? 0) + count;
    this.#low = Math.min(this.#low, value);
    this.#high = Math.max(this.#high, value);
  }

  /** The counts that occur, in order. */
  pairs(): CountPairs {
    let length = 0;
    for (let value = this.#low; value <= this.#high; value++) {
      if (this.counts[value] !== 0) length += 2;
    }
    const pairs = new Uint32Array(length);
    let at = 0;
    for (let value = this.#low; value <= this.#high; value++) {
      const count = this.counts[value] ?? 0;
      if (count === 0) continue;
      pairs[at++] = value;
      pairs[at++] = count;
    }
    return pairs;
  }

  addPairs(pairs: CountPairs): void {
    for (let i = 0; i < pairs.length; i += 2) this.#add(pairs[i] ?? 0, pairs[i + 1] ?? 0);
  }

  clear(): void {
    if (this.#high >= 0) this.counts.fill(0, this.#low, this.#high + 1);
    [this.#low, this.#high] = [65536, -1];
  }
}

/** The least value that at least so many per cent of the voxels do not exceed, for each percent. */
export function percentilesOf(
  pairs: CountPairs,
  total: number,
  percents: readonly number[],
): number[] {
  const found: number[] = [];
  let seen = 0;
  for (let i = 0; i < pairs.length && found.length < percents.length; i += 2) {
    seen += pairs[i + 1] ?? 0;
    while (found.length < percents.length && 100 * seen >= (percents[found.length] ?? 0) * total) {
      found.push(pairs[i] ?? 0);
    }
  }
  return found;
}
