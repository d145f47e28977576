import { resolve } from "node:path";
import { forgetCached, ZarrArray } from "./array.ts";
import { type ArrayLayout, zarray, zarrJson } from "./array-document.ts";
import {
  documentText,
  folderNames,
  readDocument,
  removeFolder,
  writeDocument,
} from "./documents.ts";
import { ZarrError } from "./errors.ts";

export interface CreateOptions extends ArrayLayout {
  /** Removes an array that is there already. A group is never removed. */
  readonly overwrite?: boolean | undefined;
}

/**
 * Makes an array without chunks: all its elements are the fill value until they are written.
 *
 * By default Zarr v3, blosc with zstd 1 and bit shuffle, and a crc32c for each chunk.
 *
 * @throws {@link ZarrError} ZARR_EXISTS, ZARR_METADATA for a layout that does not hold, ZARR_IO
 */
export async function createArray(path: string, options: CreateOptions): Promise<ZarrArray> {
  const { overwrite = false, zarrFormat = 3, attributes = {} } = options;
  const folder = resolve(path);
  checkShuffle(options, folder);
  const json = zarrFormat === 3 ? zarrJson(options) : zarray(options, folder);
  // Checks the layout by the reader's own rules, before anything is removed or written.
  const document = { text: documentText(json), json };
  const array = new ZarrArray(folder, zarrFormat, document, { attributes });
  await makeRoom(folder, overwrite);
  forgetCached(array); // of one that was here before, by the same description
  if (zarrFormat === 3) {
    await writeDocument(folder, "zarr.json", json);
  } else {
    await writeDocument(folder, ".zattrs", attributes);
    await writeDocument(folder, ".zarray", json);
  }
  return array;
}

function checkShuffle({ codec, shuffle }: CreateOptions, path: string): void {
  if (shuffle === undefined || codec === undefined || codec.startsWith("blosc")) return;
  const message = `${path}: expected no shuffle for codec ${codec}, found ${shuffle}`;
  throw new ZarrError("ZARR_METADATA", message, { path });
}

async function makeRoom(path: string, overwrite: boolean): Promise<void> {
  const names = await folderNames(path);
  if (names.length === 0) return;
  const isArray = await isArrayFolder(path);
  if (isArray && overwrite) {
    // The description goes first: what is left of a removal that was stopped is no array.
    return removeFolder(path, ["zarr.json", ".zarray"]);
  }
  const found = isArray ? "an array" : `${names.length} other entries, such as ${names[0]}`;
  throw new ZarrError("ZARR_EXISTS", `expected nothing at ${path}, found ${found}`, { path });
}

async function isArrayFolder(path: string): Promise<boolean> {
  const v3 = await readDocument(path, "zarr.json");
  if (v3) return v3.json.node_type === "array";
  return (await readDocument(path, ".zarray")) !== undefined;
}
