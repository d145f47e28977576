import type { HypercubeBatch } from "../../database/index.ts";

/** A part of an image along T Z Y X; null: all of it. */
export interface TilePart {
  readonly origin: readonly number[] | null;
  readonly shape: readonly number[] | null;
}

/** Parts of one image in the order of their frames: a row is compared with those around its own. */
export class PartsOfTile {
  readonly #all: boolean;
  readonly #parts: readonly Placed[];
  readonly #starts: Float64Array;
  readonly #longest: number;

  constructor(parts: Iterable<TilePart>) {
    const placed: Placed[] = [];
    let all = false;
    for (const { origin, shape } of parts) {
      if (origin && shape) placed.push({ origin, shape });
      else all = true;
    }
    placed.sort((a, b) => (a.origin[0] ?? 0) - (b.origin[0] ?? 0));
    this.#all = all;
    this.#parts = placed;
    this.#starts = Float64Array.from(placed, ({ origin }) => origin[0] ?? 0);
    this.#longest = placed.reduce((most, { shape }) => Math.max(most, shape[0] ?? 0), 0);
  }

  /** Whether a row of hypercubes reaches into one of them. */
  areIn(batch: HypercubeBatch, row: number): boolean {
    if (this.#all) return true;
    const [start, size] = [batch.time_start[row] ?? 0, batch.time_size[row] ?? 0];
    for (let i = this.#firstFrom(start - this.#longest); i < this.#parts.length; i++) {
      const part = this.#parts[i];
      if (!part || (part.origin[0] ?? 0) >= start + size) return false;
      if (reachesInto(batch, row, part)) return true;
    }
    return false;
  }

  #firstFrom(start: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Placed {
  readonly origin: readonly number[];
  readonly shape: readonly number[];
}

function reachesInto(batch: HypercubeBatch, row: number, { origin, shape }: Placed): boolean {
  const places = [
    [batch.time_start, batch.time_size],
    [batch.z_start, batch.z_size],
    [batch.y_start, batch.y_size],
    [batch.x_start, batch.x_size],
  ] as const;
  return places.every(([starts, sizes], axis) => {
    const [start, size] = [starts[row] ?? 0, sizes[row] ?? 0];
    const [from, many] = [origin[axis] ?? 0, shape[axis] ?? 0];
    return start < from + many && from < start + size;
  });
}
