import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArray } from "@cell-observatory/zarr";
import type { HypercubeRecord } from "../../database/index.ts";
import { stridesOf } from "../axes.ts";
import { newVoxels, type VoxelDtype } from "../voxels.ts";

export interface TileFixture {
  readonly folder: string;
  readonly records: readonly HypercubeRecord[];
  readonly remove: () => Promise<void>;
}

/** The voxel that {@link writeTile} puts at a place: all places of a small image differ. */
export function voxelAt(t: number, z: number, y: number, x: number, c: number): number {
  return 1 + (((((t * 11 + z) * 13 + y) * 17 + x) * 3 + c) % 65535);
}

/** An image of known voxels on disk, and its hypercubes of `cube` voxels side by side. */
export async function writeTile(
  options: {
    readonly axes?: string;
    readonly shape?: readonly [t: number, z: number, y: number, x: number, c: number];
    readonly cube?: readonly [t: number, z: number, y: number, x: number];
    readonly dtype?: VoxelDtype;
  } = {},
): Promise<TileFixture> {
  const {
    axes = "TZYXC",
    shape = [2, 4, 8, 16, 1],
    cube = [1, 4, 4, 4],
    dtype = "uint16",
  } = options;
  const folder = await mkdtemp(join(tmpdir(), "cello-tile-"));
  const sizes: Readonly<Record<string, number>> = {
    T: shape[0],
    Z: shape[1],
    Y: shape[2],
    X: shape[3],
    C: shape[4],
  };
  const onDisk = [...axes].map((axis) => sizes[axis] ?? 1);
  const chunkShape = onDisk.map((size, axis) => (axes[axis] === "T" ? 1 : Math.min(4, size)));
  const array = await createArray(join(folder, "tile.ome.zarr", "0"), {
    shape: onDisk,
    chunkShape,
    dtype,
  });
  const strides = stridesOf(onDisk);
  const length = onDisk.reduce((product, size) => product * size, 1);
  const data = newVoxels(dtype, length);
  for (let at = 0; at < length; at++) {
    const place = (axis: string) => {
      const index = axes.indexOf(axis);
      return index < 0 ? 0 : Math.floor(at / (strides[index] ?? 1)) % (onDisk[index] ?? 1);
    };
    const value = voxelAt(place("T"), place("Z"), place("Y"), place("X"), place("C"));
    data[at] = dtype === "uint8" ? value % 251 : dtype === "int16" ? -value : value;
  }
  await array.write(data, { origin: onDisk.map(() => 0), shape: onDisk });
  const records: HypercubeRecord[] = [];
  for (let t = 0; t + cube[0] <= shape[0]; t += cube[0]) {
    for (let z = 0; z + cube[1] <= shape[1]; z += cube[1]) {
      for (let y = 0; y + cube[2] <= shape[2]; y += cube[2]) {
        for (let x = 0; x + cube[3] <= shape[3]; x += cube[3]) {
          records.push({ ...recordAt(folder, [t, z, y, x], cube, shape), axes, dtype });
        }
      }
    }
  }
  return { folder, records, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A row as a database has it; `tile_name` is always tile.ome.zarr. */
export function recordAt(
  folder: string,
  [t, z, y, x]: readonly [number, number, number, number],
  cube: readonly [t: number, z: number, y: number, x: number],
  tileShape: readonly [t: number, z: number, y: number, x: number, c: number],
): HypercubeRecord {
  return {
    prepared_id: "roi",
    tile_name: "tile.ome.zarr",
    server_folder: folder,
    output_folder: "",
    array_path: "0",
    axes: "TZYXC",
    labels_path: null,
    channel_size: tileShape[4],
    dtype: "uint16",
    hpf: null,
    is_synthetic: true,
    tile_shape: tileShape,
    time_start: t,
    z_start: z,
    y_start: y,
    x_start: x,
    time_size: cube[0],
    z_size: cube[1],
    y_size: cube[2],
    x_size: cube[3],
    occupancy_ratios: [],
    cdf_80: [],
    cdf_90: [],
    cdf_95: [],
    cdf_99: [],
  };
}
