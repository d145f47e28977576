import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { openGroup, type ZarrArray } from "@cell-observatory/zarr";
import { shapeAlong } from "../axes.ts";
import { openOmeZarr } from "../import/ome-zarr.ts";
import { tracksName } from "../simulate/tracks.ts";

/** What an OME-Zarr image says of itself. */
export interface ImageDescription {
  readonly path: string;
  readonly name: string;
  readonly array: ZarrArray;
  readonly arrayPath: string;
  /** Axes of the array, slowest first, out of T Z Y X C. */
  readonly axes: string;
  /** Sizes along T Z Y X C. */
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  readonly voxelUm: readonly [z: number | null, y: number | null, x: number | null];
  readonly frameIntervalS: number | null;
  readonly labelsPath: string | null;
  readonly tracksPath: string | null;
  readonly hpf: number | null;
  readonly isSynthetic: boolean;
  readonly source: string;
}

/** @throws ZarrError when it is no OME-Zarr image; {@link DataError} DATA_AXES or DATA_SHAPE. */
export async function describeImage(path: string): Promise<ImageDescription> {
  const image = await openOmeZarr(path);
  const { array, arrayPath, axes, labelNames } = image;
  const [labels] = labelNames;
  // What we noted when we wrote the image; of someone else's image, anything may stand there.
  const cello: Readonly<Record<string, unknown>> = Object((await openGroup(path)).attributes.cello);
  const shape = shapeAlong(array.shape, axes, "TZYXC");
  const [T = 1, Z = 1, Y = 1, X = 1, C = 1] = shape;
  return {
    path,
    name: basename(path),
    array,
    arrayPath,
    axes,
    shape: [T, Z, Y, X, C],
    voxelUm: image.voxelSizeUm,
    frameIntervalS: image.frameIntervalS,
    labelsPath: labels === undefined ? null : join("labels", labels),
    tracksPath: existsSync(join(path, tracksName)) ? tracksName : null,
    hpf: typeof cello.hpf === "number" ? cello.hpf : null,
    isSynthetic: cello.is_synthetic === true,
    source: typeof cello.source === "string" ? cello.source : "unknown",
  };
}
