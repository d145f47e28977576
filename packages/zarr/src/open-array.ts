import { resolve } from "node:path";
import { ZarrArray } from "./array.ts";
import type { ChunkCache } from "./chunk-cache.ts";
import { isObject, type JsonObject, readDocument } from "./documents.ts";
import { ZarrError } from "./errors.ts";

export interface OpenOptions {
  /** Keeps the chunks that are decoded. One cache may serve many arrays. */
  readonly cache?: ChunkCache | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the array in a folder: Zarr v3 (`zarr.json`) or v2 (`.zarray`).
 *
 * @throws {@link ZarrError} ZARR_OPEN when there is none, ZARR_METADATA, ZARR_DTYPE, ZARR_IO
 */
export async function openArray(
  path: string,
  { cache, signal }: OpenOptions = {},
): Promise<ZarrArray> {
  const folder = resolve(path);
  const v3 = await readDocument(folder, "zarr.json", signal);
  if (v3?.json.node_type === "group") throw notAnArray(folder, "a group");
  if (v3) {
    const attributes = attributesOf(folder, v3.json.attributes);
    return new ZarrArray(folder, 3, v3, { attributes, cache });
  }
  const v2 = await readDocument(folder, ".zarray", signal);
  if (v2) {
    const attributes = await readDocument(folder, ".zattrs", signal);
    return new ZarrArray(folder, 2, v2, { attributes: attributes?.json ?? {}, cache });
  }
  const group = await readDocument(folder, ".zgroup", signal);
  throw notAnArray(folder, group ? "a group" : "neither");
}

function notAnArray(path: string, found: string): ZarrError {
  const message = `expected zarr.json or .zarray of an array in ${path}, found ${found}`;
  return new ZarrError("ZARR_OPEN", message, { path });
}

function attributesOf(path: string, attributes: unknown): JsonObject {
  if (attributes === undefined) return {};
  if (isObject(attributes)) return attributes;
  throw new ZarrError("ZARR_METADATA", `${path}: expected attributes to be an object`, { path });
}
