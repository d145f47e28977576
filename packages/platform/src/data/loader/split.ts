import type { HypercubeRecord } from "../../database/index.ts";
import { DataError } from "../errors.ts";
import { RandomStream } from "../rng/random-stream.ts";
import type { Origin } from "../sample.ts";

/** A part of a tile, in voxels: its first corner, and the one behind its last. */
export interface Part {
  readonly from: Origin;
  readonly to: Origin;
}

/** A hypercube that may be trained on, and the part of its tile that training may see. */
export interface TrainingCube {
  readonly record: HypercubeRecord;
  readonly part: Part;
}

export interface Split {
  readonly training: readonly TrainingCube[];
  readonly validation: readonly HypercubeRecord[];
  /** Hypercubes that lie on both sides of a cut, and are left out. */
  readonly numStraddling: number;
}

/**
 * Holds out about `fraction` of the hypercubes for validation, so that no voxel is on both sides.
 *
 * Each tile is cut once, across the axis of space along which it has most room for hypercubes
 * (along time when there is no room in space), and what lies behind the cut is held out. A tile
 * that has no room for a cut goes to one side whole, by a draw from the seed and its name. Neither
 * the order of the rows nor the epoch plays a part.
 *
 * @throws {@link DataError} DATA_SPLIT when nothing is left to train on, or nothing is held out
 *   although `fraction` is above 0.
 */
export function splitHypercubes(
  records: readonly HypercubeRecord[],
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): Split {
  const training: TrainingCube[] = [];
  const validation: HypercubeRecord[] = [];
  let numStraddling = 0;
  for (const tile of byTile(records)) {
    const cut = fraction === 0 ? null : cutOf(tile, fraction);
    for (const record of tile) {
      const part = wholeOf(record);
      const side = cut ? sideOf(record, cut) : wholeTileSide(record, { fraction, seed });
      if (side === "both") numStraddling += 1;
      else if (side === "validation") validation.push(record);
      else training.push({ record, part: cut ? before(part, cut) : part });
    }
  }
  if (training.length === 0 || (fraction > 0 && validation.length === 0)) {
    const found = `${training.length} hypercubes to train on and ${validation.length} held out`;
    const message = `expected at least one of each, got ${found}, of ${records.length}, with split ${fraction}`;
    throw new DataError("DATA_SPLIT", message);
  }
  return { training, validation, numStraddling };
}

/** Across which axis (of T Z Y X) a tile is cut, and where validation begins. */
interface Cut {
  readonly axis: number;
  readonly at: number;
}

const startOf = ({ time_start, z_start, y_start, x_start }: HypercubeRecord): Origin => [
  time_start,
  z_start,
  y_start,
  x_start,
];

const sizeOf = ({ time_size, z_size, y_size, x_size }: HypercubeRecord): Origin => [
  time_size,
  z_size,
  y_size,
  x_size,
];

function byTile(records: readonly HypercubeRecord[]): Iterable<HypercubeRecord[]> {
  const tiles = new Map<string, HypercubeRecord[]>();
  for (const record of records) {
    const key = JSON.stringify([record.server_folder, record.prepared_id, record.tile_name]);
    const tile = tiles.get(key);
    if (tile) tile.push(record);
    else tiles.set(key, [record]);
  }
  return tiles.values();
}

/** Null when there is no axis along which two hypercubes stand behind each other. */
function cutOf(tile: readonly HypercubeRecord[], fraction: number): Cut | null {
  const rooms = [1, 2, 3, 0].map((axis) => {
    const starts = tile.map((record) => startOf(record)[axis] ?? 0);
    const ends = tile.map((record, i) => (starts[i] ?? 0) + (sizeOf(record)[axis] ?? 0));
    const low = starts.reduce((a, b) => Math.min(a, b));
    const high = ends.reduce((a, b) => Math.max(a, b));
    const size = tile.reduce((most, record) => Math.max(most, sizeOf(record)[axis] ?? 0), 1);
    // Validation begins where a hypercube begins, with at least one of them on each side.
    const wanted = Math.min(high - fraction * (high - low), high - size);
    const at = starts.reduce(
      (best, start) => (start <= wanted && start > best ? start : best),
      low,
    );
    return { axis, at: Math.max(at, low), low, size, room: (high - low) / size };
  });
  const [space] = rooms.slice(0, 3).sort((a, b) => b.room - a.room);
  const [, , , time] = rooms;
  const fits = (cut: typeof space) => (cut && cut.at - cut.low >= cut.size ? cut : null);
  return fits(space) ?? fits(time);
}

function sideOf(record: HypercubeRecord, { axis, at }: Cut): "training" | "validation" | "both" {
  const start = startOf(record)[axis] ?? 0;
  if (start >= at) return "validation";
  return start + (sizeOf(record)[axis] ?? 0) <= at ? "training" : "both";
}

function wholeTileSide(
  { prepared_id, tile_name }: HypercubeRecord,
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): "training" | "validation" {
  const purpose = `split ${prepared_id}/${tile_name}`;
  const draw = new RandomStream({ seed, purpose, epoch: 0, index: 0 }).uniform();
  return draw < fraction ? "validation" : "training";
}

function wholeOf({ tile_shape }: HypercubeRecord): Part {
  const [t, z, y, x] = tile_shape;
  return { from: [0, 0, 0, 0], to: [t, z, y, x] };
}

function before({ from, to }: Part, { axis, at }: Cut): Part {
  const [t, z, y, x] = to.map((end, index) => (index === axis ? Math.min(end, at) : end));
  return { from, to: [t ?? 0, z ?? 0, y ?? 0, x ?? 0] };
}
