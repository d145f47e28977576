import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { openGroup, readMultiscales } from "@cell-observatory/zarr";
import { isZarr } from "../import/open-source.ts";

/** Folders below which nobody keeps images. */
const deepest = 12;

/**
 * The OME-Zarr images in a folder, at any depth, by name: ours, ome-zarr-py's, and each image of
 * what bioformats2raw wrote. A folder that is an image itself is the only one.
 *
 * @returns images, and Zarr groups that are none, such as plates, with the reason.
 */
export async function findImages(folder: string): Promise<{
  readonly images: readonly string[];
  readonly others: readonly { readonly path: string; readonly reason: string }[];
}> {
  const images: string[] = [];
  const others: { path: string; reason: string }[] = [];
  const seen = new Set<string>(); // links may lead back to where they came from
  const visit = async (path: string, depth: number): Promise<void> => {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    if (isZarr(path)) {
      const reason = await whyNoImage(path);
      if (reason === null) images.push(path);
      else if (reason === "series") await visitBelow(path, depth);
      else others.push({ path, reason });
    } else if (!path.endsWith(".importing") && !/\.partial-[^/]*$/.test(path)) {
      await visitBelow(path, depth);
    }
  };
  const visitBelow = async (path: string, depth: number): Promise<void> => {
    if (depth >= deepest) return;
    const entries = await readdir(path, { withFileTypes: true });
    const below = entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .filter(({ name }) => !name.startsWith(".") && name !== "OME")
      .map(({ name }) => name)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    for (const name of below) {
      await visit(join(path, name), depth + 1).catch((error: NodeJS.ErrnoException) => {
        // A link to a file, or to nothing; a folder that we may not read is told.
        if (error.code === "ENOTDIR" || error.code === "ENOENT") return;
        if (error.code !== "EACCES" && error.code !== "ELOOP") throw error;
        others.push({ path: join(path, name), reason: error.message });
      });
    }
  };
  await visit(folder, 0);
  return { images, others };
}

/** Null for an image, "series" for a group of images. */
async function whyNoImage(path: string): Promise<string | null> {
  try {
    const { attributes } = await openGroup(path);
    const ome: Readonly<Record<string, unknown>> = Object(attributes.ome ?? attributes);
    if (ome["bioformats2raw.layout"] !== undefined) return "series";
    if (ome.multiscales === undefined) {
      return ome.plate === undefined ? "it is a group without an image" : "it is a plate of wells";
    }
    await readMultiscales(path);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
