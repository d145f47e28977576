import { createArray } from "@cell-observatory/zarr";
import { HypercubeTable, type TileRecord } from "../../packages/platform/src/database/index.ts";

/** What is trained on: an image T Z Y X, crops of it, and patches of a crop. */
export interface LoaderCase {
  readonly name: string;
  readonly layout: "ZYXC" | "TZYXC";
  readonly image: readonly [t: number, z: number, y: number, x: number];
  readonly cube: readonly [t: number, z: number, y: number, x: number];
  readonly shape: readonly number[];
  readonly patch: readonly number[];
  readonly batchSize: number;
}

export const loaderCases: readonly LoaderCase[] = [
  {
    name: "3-D, 8 x 16 x 64 x 64",
    layout: "ZYXC",
    image: [1, 64, 256, 256],
    cube: [1, 16, 64, 64],
    shape: [16, 64, 64, 1],
    patch: [4, 8, 8],
    batchSize: 8,
  },
  {
    name: "4-D, 4 x 4 x 16 x 64 x 64",
    layout: "TZYXC",
    image: [8, 32, 192, 192],
    cube: [4, 16, 64, 64],
    shape: [4, 16, 64, 64, 1],
    patch: [2, 4, 8, 8],
    batchSize: 4,
  },
];

/** Writes a case's image: smooth, with noise, so that it compresses as images do; chunks of 64^3. */
export async function writeImage(folder: string, { image }: LoaderCase): Promise<void> {
  const shape = [...image, 1];
  const [T, Z, Y, X] = image;
  const chunkShape = [1, Math.min(64, Z), 64, 64, 1];
  const array = await createArray(`${folder}/tile.ome.zarr/0`, {
    shape,
    chunkShape,
    dtype: "uint16",
    codec: "blosc-zstd",
  });
  const frame = new Uint16Array(Z * Y * X);
  const waves = [9, 13, 11].map((length) =>
    Float32Array.from({ length: 512 }, (_, at) => 90 * Math.sin(at / length)),
  );
  let state = 1;
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < frame.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const [z, y, x] = [Math.floor(i / (Y * X)), Math.floor(i / X) % Y, i % X];
      const wave = (waves[0]?.[z] ?? 0) + (waves[1]?.[y] ?? 0) + (waves[2]?.[x] ?? 0);
      frame[i] = 300 + t + wave + (state >>> 27);
    }
    await array.write(frame, { origin: [t, 0, 0, 0, 0], shape: [1, Z, Y, X, 1] });
  }
}

/** Hypercubes of a case side by side, as a catalogue would list them. */
export async function tableOfImage(
  folder: string,
  { image, cube }: LoaderCase,
): Promise<HypercubeTable> {
  const [time_size, z_size, y_size, x_size] = image;
  const tile: TileRecord = {
    prepared_id: "bench",
    tile_name: "tile.ome.zarr",
    server_folder: folder,
    output_folder: "",
    array_path: "0",
    axes: "TZYXC",
    labels_path: null,
    tracks_path: null,
    time_size,
    z_size,
    y_size,
    x_size,
    channel_size: 1,
    dtype: "uint16",
    z_um: null,
    y_um: null,
    x_um: null,
    frame_interval_s: null,
    hpf: null,
    is_synthetic: true,
    source: "bench",
    occupancy_thresholds: [],
  };
  const counts = image.map((size, axis) => Math.floor(size / (cube[axis] ?? 1)));
  const numRows = counts.reduce((product, count) => product * count, 1);
  const starts = (axis: number) => {
    const behind = counts.slice(axis + 1).reduce((product, count) => product * count, 1);
    const at = (row: number) => Math.floor(row / behind) % (counts[axis] ?? 1);
    return Int32Array.from({ length: numRows }, (_, row) => at(row) * (cube[axis] ?? 1));
  };
  const sizes = (axis: number) => new Int32Array(numRows).fill(cube[axis] ?? 1);
  async function* batches() {
    yield {
      numRows,
      tiles: [tile],
      tile: new Int32Array(numRows),
      time_start: starts(0),
      z_start: starts(1),
      y_start: starts(2),
      x_start: starts(3),
      time_size: sizes(0),
      z_size: sizes(1),
      y_size: sizes(2),
      x_size: sizes(3),
      statistics: {},
      boxes: null,
    };
  }
  return await HypercubeTable.from(batches());
}
