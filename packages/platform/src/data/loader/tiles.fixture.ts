import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArray } from "@cell-observatory/zarr";
import { type HypercubeRecord, HypercubeTable, type TileRecord } from "../../database/index.ts";
import { stridesOf } from "../../images/index.ts";
import { newVoxels, type VoxelDtype } from "../voxels.ts";
import { tileOf as tileOfRow } from "./part.ts";
import type { Split } from "./split.ts";

export interface TileFixture {
  readonly folder: string;
  readonly records: readonly HypercubeRecord[];
  readonly table: HypercubeTable;
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
  const table = await tableOf(records);
  return { folder, records, table, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** All rows of a table, to train on. */
export function everyRow(table: HypercubeTable): Pick<Split, "training" | "partOf"> {
  const training = Int32Array.from({ length: table.numRows }, (_, row) => row);
  return { training, partOf: (row) => tileOfRow(table, row) };
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
  };
}

/** Records as the table of a query that gave them. */
export async function tableOf(records: readonly HypercubeRecord[]): Promise<HypercubeTable> {
  const tiles: TileRecord[] = [];
  const numbers = new Map<string, number>();
  const tile = Int32Array.from(records, (record) => {
    const key = JSON.stringify([record.server_folder, record.prepared_id, record.tile_name]);
    const number = numbers.get(key) ?? numbers.size;
    if (number === numbers.size) tiles.push(tileOf(record));
    numbers.set(key, number);
    return number;
  });
  const column = (name: "time" | "z" | "y" | "x", what: "start" | "size") =>
    Int32Array.from(records, (record) => record[`${name}_${what}`]);
  const batch = {
    numRows: records.length,
    tiles,
    tile,
    time_start: column("time", "start"),
    z_start: column("z", "start"),
    y_start: column("y", "start"),
    x_start: column("x", "start"),
    time_size: column("time", "size"),
    z_size: column("z", "size"),
    y_size: column("y", "size"),
    x_size: column("x", "size"),
    statistics: {},
    boxes: null,
  };
  async function* batches() {
    yield batch;
  }
  return await HypercubeTable.from(batches());
}

function tileOf(record: HypercubeRecord): TileRecord {
  const [time_size, z_size, y_size, x_size, channel_size] = record.tile_shape;
  return {
    prepared_id: record.prepared_id,
    tile_name: record.tile_name,
    server_folder: record.server_folder,
    output_folder: record.output_folder,
    array_path: record.array_path,
    axes: record.axes,
    labels_path: record.labels_path,
    tracks_path: null,
    time_size,
    z_size,
    y_size,
    x_size,
    channel_size,
    dtype: record.dtype,
    z_um: null,
    y_um: null,
    x_um: null,
    frame_interval_s: null,
    hpf: record.hpf,
    is_synthetic: record.is_synthetic,
    source: "fixture",
    occupancy_thresholds: [],
  };
}
