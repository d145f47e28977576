import { join } from "node:path";
import { createArray, writeMultiscales } from "@cell-observatory/zarr";
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
  /** Images of this kind, each in a folder of its own. */
  readonly numImages: number;
  /** Whether each has an array of labels beside it, which is read and looked through as well. */
  readonly hasLabels: boolean;
  readonly cacheBytes: number;
}

const plain = { numImages: 1, hasLabels: false, cacheBytes: 0 } as const; // every crop is decoded

export const loaderCases: readonly LoaderCase[] = [
  {
    name: "3-D, 8 x 16 x 64 x 64",
    layout: "ZYXC",
    image: [1, 64, 256, 256],
    cube: [1, 16, 64, 64],
    shape: [16, 64, 64, 1],
    patch: [4, 8, 8],
    batchSize: 8,
    ...plain,
  },
  {
    name: "3-D, 16 images with labels, cache of 32 MiB",
    layout: "ZYXC",
    image: [1, 64, 192, 192],
    cube: [1, 16, 64, 64],
    shape: [16, 64, 64, 1],
    patch: [4, 8, 8],
    batchSize: 8,
    numImages: 16,
    hasLabels: true,
    cacheBytes: 2 ** 25,
  },
  {
    name: "4-D, 4 x 4 x 16 x 64 x 64",
    layout: "TZYXC",
    image: [8, 32, 192, 192],
    cube: [4, 16, 64, 64],
    shape: [4, 16, 64, 64, 1],
    patch: [2, 4, 8, 8],
    batchSize: 4,
    ...plain,
  },
];

const nameOf = (image: number) => `tile-${image}.ome.zarr`;

/** Writes a case's images, and their labels. */
export async function writeImages(folder: string, it: LoaderCase): Promise<void> {
  for (let i = 0; i < it.numImages; i++) {
    const path = join(folder, nameOf(i));
    await writeImage(path, it);
    if (it.hasLabels) await writeLabels(join(path, "labels/cells"), it);
  }
}

/** Labels in blocks of 8 x 16 x 16 voxels, a third of them background. */
async function writeLabels(folder: string, { image }: LoaderCase): Promise<void> {
  const [, Z, Y, X] = image;
  const shape = [Z, Y, X];
  const chunkShape = shape.map((size) => Math.min(64, size));
  const array = await createArray(join(folder, "0"), {
    shape,
    chunkShape,
    dtype: "uint32",
    codec: "blosc-zstd",
  });
  const labels = Uint32Array.from({ length: Z * Y * X }, (_, i) => {
    const [z, y, x] = [Math.floor(i / (Y * X)) >> 3, (Math.floor(i / X) % Y) >> 4, (i % X) >> 4];
    return (z + y + x) % 3 === 0 ? 0 : 1 + (z * 64 + y) * 64 + x;
  });
  await array.write(labels, { origin: [0, 0, 0], shape });
  await writeMultiscales(folder, {
    version: "0.5",
    axes: ["z", "y", "x"].map((name) => ({ name, type: "space" as const })),
    datasets: [{ path: "0", scale: [1, 1, 1], translation: [0, 0, 0] }],
  });
}

/** Smooth, with noise, so that it compresses as images do; chunks of 64^3. */
async function writeImage(path: string, { image }: LoaderCase): Promise<void> {
  const shape = [...image, 1];
  const [T, Z, Y, X] = image;
  const chunkShape = [1, Math.min(64, Z), 64, 64, 1];
  const array = await createArray(join(path, "0"), {
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

/** Hypercubes of a case's images side by side, as a catalogue would list them. */
export async function tableOfImages(
  folder: string,
  { image, cube, numImages, hasLabels }: LoaderCase,
): Promise<HypercubeTable> {
  const [time_size, z_size, y_size, x_size] = image;
  const tileOf = (i: number): TileRecord => ({
    prepared_id: "bench",
    tile_name: nameOf(i),
    server_folder: folder,
    output_folder: "",
    array_path: "0",
    axes: "TZYXC",
    labels_path: hasLabels ? "labels/cells" : null,
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
  });
  const counts = image.map((size, axis) => Math.floor(size / (cube[axis] ?? 1)));
  const inImage = counts.reduce((product, count) => product * count, 1);
  const numRows = inImage * numImages;
  const starts = (axis: number) => {
    const behind = counts.slice(axis + 1).reduce((product, count) => product * count, 1);
    const at = (row: number) => Math.floor(row / behind) % (counts[axis] ?? 1);
    return Int32Array.from({ length: numRows }, (_, row) => at(row) * (cube[axis] ?? 1));
  };
  const sizes = (axis: number) => new Int32Array(numRows).fill(cube[axis] ?? 1);
  async function* batches() {
    yield {
      numRows,
      tiles: Array.from({ length: numImages }, (_, i) => tileOf(i)),
      tile: Int32Array.from({ length: numRows }, (_, row) => Math.floor(row / inImage)),
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
