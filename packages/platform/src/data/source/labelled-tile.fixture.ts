import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createArray, writeMultiscales, type ZarrDtype } from "@cell-observatory/zarr";
import type { HypercubeRecord } from "../../database/index.ts";
import { type TileFixture, writeTile } from "../loader/tiles.fixture.ts";
import type { VoxelDtype } from "../voxels.ts";

type ZYX = readonly [z: number, y: number, x: number];

export interface LabelledTile extends TileFixture {
  /** The image's first sample, which has labels. */
  readonly record: HypercubeRecord;
  /** The file of a chunk of 4 x 4 x 4 labels. */
  readonly labelChunk: (...grid: ZYX) => string;
}

/** An image of one frame with labels, of its size unless told: `labelAt`, or each voxel's number. */
export async function writeLabelledTile({
  image = [4, 8, 16],
  cube = [4, 8, 8],
  voxels = "uint16",
  shape = image,
  dtype = "uint32",
  labelAt = (i) => i,
}: {
  readonly image?: ZYX;
  readonly cube?: ZYX;
  readonly voxels?: VoxelDtype;
  readonly shape?: ZYX;
  readonly dtype?: ZarrDtype;
  readonly labelAt?: (i: number) => number;
} = {}): Promise<LabelledTile> {
  const tile = await writeTile({ shape: [1, ...image, 1], cube: [1, ...cube], dtype: voxels });
  const folder = join(tile.folder, "tile.ome.zarr", "labels", "cells");
  await mkdir(folder, { recursive: true });
  const chunkShape = shape.map((size) => Math.min(4, size));
  const array = await createArray(join(folder, "0"), { shape, chunkShape, dtype });
  const values = Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => labelAt(i));
  await array.write(memoryOf(dtype, values), { origin: [0, 0, 0], shape });
  await writeMultiscales(folder, {
    version: "0.5",
    axes: ["z", "y", "x"].map((name) => ({ name, type: "space" as const })),
    datasets: [{ path: "0", scale: [1, 1, 1], translation: [0, 0, 0] }],
  });
  const [first] = tile.records;
  if (!first) throw new RangeError("the tile has no hypercube");
  return {
    ...tile,
    record: { ...first, labels_path: "labels/cells" },
    labelChunk: (...grid) => join(folder, "0", "c", ...grid.map(String)),
  };
}

function memoryOf(dtype: ZarrDtype, values: readonly number[]) {
  switch (dtype) {
    case "uint64":
      return BigUint64Array.from(values, BigInt);
    case "int64":
      return BigInt64Array.from(values, BigInt);
    case "uint32":
      return Uint32Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "uint16":
      return Uint16Array.from(values);
    case "int16":
      return Int16Array.from(values);
    case "int8":
      return Int8Array.from(values);
    case "float32":
      return Float32Array.from(values);
    default:
      return Uint8Array.from(values);
  }
}
