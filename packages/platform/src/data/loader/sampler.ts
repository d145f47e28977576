import type { HypercubeRecord } from "../../database/index.ts";
import { RandomStream } from "../rng/random-stream.ts";
import type { Origin, Sample } from "../sample.ts";
import { shuffledIndex } from "./shuffle.ts";
import type { Part, TrainingCube } from "./split.ts";

/** The samples of an epoch: which one stands at a place is a function of (seed, epoch, place). */
export interface Sampler {
  readonly numSamples: number;
  sampleAt(epoch: number, place: number): Sample;
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
}

export function trainingSampler(
  cubes: readonly TrainingCube[],
  { seed, shuffle, crop, samplesPerEpoch }: TrainingSamplerConfig,
): Sampler {
  const size = cubes.length;
  const sampleOf = (epoch: number, place: number, cubeIndex: number, purpose: string): Sample => {
    const cube = cubes[cubeIndex];
    if (!cube) throw new RangeError(`no hypercube ${cubeIndex}: there are ${size}`);
    const { record, part } = cube;
    if (crop === "grid") return { index: place, record, origin: originOf(record) };
    const rng = new RandomStream({ seed, purpose, epoch, index: place });
    return { index: place, record, origin: nearby(record, part, rng) };
  };
  return {
    numSamples: samplesPerEpoch ?? size,
    sampleAt(epoch, place) {
      const pass = Math.floor(place / size);
      const index = shuffle
        ? shuffledIndex(place % size, size, { seed, epoch, pass })
        : place % size;
      return sampleOf(epoch, place, index, "crop");
    },
    replacementAt(epoch, place, attempt) {
      const rng = new RandomStream({ seed, purpose: `replace ${attempt}`, epoch, index: place });
      return sampleOf(epoch, place, rng.integer(0, size), `crop ${attempt}`);
    },
  };
}

/** Every hypercube once, in the catalogue's order, the same in every epoch. */
export function validationSampler(records: readonly HypercubeRecord[]): Sampler {
  const sampleOf = (place: number, index: number): Sample => {
    const record = records[index];
    if (!record) throw new RangeError(`no hypercube ${index}: there are ${records.length}`);
    return { index: place, record, origin: originOf(record) };
  };
  return {
    numSamples: records.length,
    sampleAt: (_, place) => sampleOf(place, place),
    replacementAt: (_, place, attempt) => sampleOf(place, (place + attempt) % records.length),
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
    return rng.integer(low, high + 1);
  };
  return [move(0), move(1), move(2), move(3)];
}
