import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../errors.ts";
import type { ImageSource, SourceOptions } from "./image-source.ts";
import { npySource } from "./npy-source.ts";
import { npzSource } from "./npz-source.ts";
import { planesSource } from "./planes-source.ts";
import { pngSource } from "./png-source.ts";
import { tiffSource } from "./tiff-source.ts";
import { zarrSource } from "./zarr-source.ts";

const zarrFiles = ["zarr.json", ".zgroup", ".zarray"];

/** Whether a folder is a node of a Zarr hierarchy. */
export const isZarr = (folder: string): boolean =>
  zarrFiles.some((name) => existsSync(join(folder, name)));

/**
 * Opens an image by what it is: a folder of Zarr or of planes, or a file by its ending.
 *
 * @throws {@link DataError} DATA_IMPORT for what we cannot read; what its reader throws.
 */
export async function openSource(path: string, options: SourceOptions): Promise<ImageSource> {
  const status = await stat(path).catch(() => null);
  if (!status) {
    throw new DataError("DATA_IMPORT", `there is nothing at ${path}`, { hint: "Check the path." });
  }
  if (status.isDirectory()) {
    return isZarr(path) ? zarrSource(path, options) : planesSource(path, options);
  }
  const [ending = ""] = /\.[^./]+$/.exec(path.toLowerCase()) ?? [];
  switch (ending) {
    case ".tif":
    case ".tiff":
    case ".btf":
      return tiffSource(path, options);
    case ".npy":
      return npySource(path, options);
    case ".npz":
      return npzSource(path, options);
    case ".png":
      return pngSource(path);
    default:
      throw new DataError("DATA_IMPORT", `${path}: we cannot read ${ending || "such files"}`);
  }
}

/** The name of an image without what says its format. */
export function imageName(path: string): string {
  const base = path.replace(/\/+$/, "").split("/").at(-1) ?? "image";
  return base.replace(/(\.ome)?\.(tiff?|btf|npy|npz|png|zarr)$/i, "") || "image";
}
