import type { HypercubeRecord, HypercubeTable } from "../../database/index.ts";
import { RandomStream } from "../../rng/index.ts";
import type { Origin, Sample } from "../sample.ts";
import { bricksOf } from "./bricks.ts";
import { brickOrder, type EpochOrder, plainOrder } from "./epoch-order.ts";
import type { Part } from "./part.ts";
import type { Split } from "./split.ts";

/** The samples of an epoch: which one stands at a place is a function of (seed, epoch, place). */
export interface Sampler {
  readonly samplesPerEpoch: number;
  sampleAt(epoch: number, place: number): Sample;
  /**
   * Whether a sample that is read in place of another counts. It does not where each sample comes just
   * once: it would count twice, and only fills the row.
   */
  readonly replacementsCount: boolean;
  /** Another sample for the same place, for when that one cannot be read; a function as well. */
  replacementAt(epoch: number, place: number, attempt: number): Sample;
}

export interface TrainingSamplerConfig {
  readonly seed: number;
  readonly shuffle: boolean;
  /** `grid`: hypercubes as the catalogue has them; `random`: moved, anywhere near, inside the part. */
  readonly crop: "grid" | "random";
  /** Null: as many as there are hypercubes. With more, hypercubes come again in a new order. */
  readonly samplesPerEpoch: number | null;
  /** Neighbours come near each other; null: they come anywhere in an epoch. */
  readonly locality?: Locality | null;
}

export interface Locality {
  /** Edge of a brick of neighbours, in voxels. */
  readonly edge: number;
  /** Bricks whose samples are shuffled among themselves. */
  readonly window: number;
}

/** Samples of the rows that a split leaves to train on; a record is made when its sample is asked for. */
export function trainingSampler(
  table: HypercubeTable,
  { training, partOf }: Pick<Split, "training" | "partOf">,
  config: TrainingSamplerConfig,
): Sampler {
  const { seed, crop, samplesPerEpoch } = config;
  const size = training.length;
  const order = orderOf(table, training, config);
  const sampleOf = (epoch: number, place: number, index: number, purpose: string): Sample => {
    const row = training[index] ?? -1;
    const record = table.recordAt(row);
    if (crop === "grid") return { index: place, record, origin: originOf(record) };
    const rng = new RandomStream({ seed, purpose, epoch, index: place });
    return { index: place, record, origin: nearby(record, partOf(row), rng) };
  };
  return {
    samplesPerEpoch: samplesPerEpoch ?? size,
    replacementsCount: true,
    sampleAt(epoch, place) {
      const pass = Math.floor(place / size);
      return sampleOf(epoch, place, order({ epoch, pass, index: place % size }), "crop");
    },
    replacementAt(epoch, place, attempt) {
      const rng = new RandomStream({ seed, purpose: `replace ${attempt}`, epoch, index: place });
      return sampleOf(epoch, place, rng.integer(0, size), `crop ${attempt}`);
    },
  };
}

function orderOf(
  table: HypercubeTable,
  rows: Int32Array,
  { seed, shuffle, locality = null }: TrainingSamplerConfig,
): EpochOrder {
  if (!shuffle || locality === null) return plainOrder(rows.length, { seed, shuffle });
  const { edge, window } = locality;
  return brickOrder(bricksOf(table, rows, edge), { seed, window });
}

/**
 * Every held-out hypercube once, in the catalogue's order, the same in every epoch; one that cannot be
 * read is left out.
 */
export function validationSampler(
  table: HypercubeTable,
  { validation }: Pick<Split, "validation">,
): Sampler {
  const sampleOf = (place: number, index: number): Sample => {
    const record = table.recordAt(validation[index] ?? -1);
    return { index: place, record, origin: originOf(record) };
  };
  return {
    samplesPerEpoch: validation.length,
    replacementsCount: false,
    sampleAt: (_, place) => sampleOf(place, place),
    replacementAt: (_, place, attempt) => sampleOf(place, (place + attempt) % validation.length),
  };
}

function originOf({ time_start, z_start, y_start, x_start }: HypercubeRecord): Origin {
  return [time_start, z_start, y_start, x_start];
}

/** Moves a hypercube by up to half its size along each axis, but not out of its part of the tile. */
function nearby(record: HypercubeRecord, { from, to }: Part, rng: RandomStream): Origin {
  const sizes = [record.time_size, record.z_size, record.y_size, record.x_size];
  const move = (axis: 0 | 1 | 2 | 3): number => {
    const size = sizes[axis] ?? 1;
    const start = originOf(record)[axis];
    const low = Math.max(from[axis], start - Math.floor(size / 2));
    const high = Math.min(to[axis] - size, start + Math.floor(size / 2));
    return high < low ? start : rng.integer(low, high + 1);
  };
  return [move(0), move(1), move(2), move(3)];
}
