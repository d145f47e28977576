import { join } from "node:path";
import {
  frameIntervalS,
  openArray,
  readLabelNames,
  readMultiscales,
  voxelSizeUm,
} from "@cell-observatory/zarr";
import { DataError } from "../errors.ts";

/**
 * The finest array of an OME-Zarr image, and what the image says of it: lengths and times are null
 * where it names no unit.
 *
 * @throws ZarrError when it is no OME-Zarr image; {@link DataError} DATA_SHAPE when it has no array.
 */
export async function openOmeZarr(path: string) {
  const image = await readMultiscales(path);
  const [finest] = image.datasets;
  if (!finest) throw new DataError("DATA_SHAPE", `${path} lists no array`);
  const known = (axis: string, um: number) =>
    image.axes.some(({ name, unit }) => name === axis && unit !== undefined) ? um : null;
  const [z, y, x] = voxelSizeUm(image);
  return {
    version: image.version,
    array: await openArray(join(path, finest.path)),
    arrayPath: finest.path,
    /** Slowest first, out of T Z Y X C. */
    axes: image.axes.map(({ name }) => name.toUpperCase()).join(""),
    voxelSizeUm: [known("z", z), known("y", y), known("x", x)] as const,
    frameIntervalS: frameIntervalS(image),
    channelNames: image.channelNames ?? [],
    labelNames: await readLabelNames(path),
  };
}
