import { resolve } from "node:path";
import { isObject, type JsonObject, readDocument, writeDocument } from "./documents.ts";
import { ZarrError } from "./errors.ts";

/** A folder of arrays and groups. */
export interface ZarrGroup {
  readonly path: string;
  readonly attributes: JsonObject;
  readonly zarrFormat: 2 | 3;
}

/**
 * Opens the group in a folder: Zarr v3 (`zarr.json`) or v2 (`.zgroup`).
 *
 * @throws {@link ZarrError} ZARR_OPEN when there is none, ZARR_METADATA, ZARR_IO
 */
export async function openGroup(path: string): Promise<ZarrGroup> {
  const group = await findGroup(resolve(path));
  if (group) return group;
  const message = `expected zarr.json or .zgroup of a group in ${path}, found neither`;
  throw new ZarrError("ZARR_OPEN", message, { path });
}

/**
 * Makes a group, or gives the group that is there already new attributes in place of the old.
 *
 * @throws {@link ZarrError} ZARR_EXISTS when an array or a group of the other format is there
 */
export async function createGroup(
  path: string,
  {
    attributes = {},
    zarrFormat = 3,
  }: {
    readonly attributes?: JsonObject | undefined;
    readonly zarrFormat?: 2 | 3 | undefined;
  } = {},
): Promise<ZarrGroup> {
  const folder = resolve(path);
  await refuseOtherNodes(folder, zarrFormat);
  if (zarrFormat === 3) {
    const document = { zarr_format: 3, node_type: "group", attributes };
    await writeDocument(folder, "zarr.json", document);
  } else {
    await writeDocument(folder, ".zattrs", attributes);
    await writeDocument(folder, ".zgroup", { zarr_format: 2 });
  }
  return { path: folder, attributes, zarrFormat };
}

/** The group in a folder; undefined when no Zarr node is there. */
export async function findGroup(path: string): Promise<ZarrGroup | undefined> {
  const v3 = await readDocument(path, "zarr.json");
  if (v3) {
    const { node_type, attributes = {} } = v3.json;
    if (node_type === "group" && isObject(attributes)) return { path, attributes, zarrFormat: 3 };
    const message = `expected a group in ${path}, found ${JSON.stringify(node_type)}`;
    throw new ZarrError("ZARR_OPEN", message, { path });
  }
  if (!(await readDocument(path, ".zgroup"))) return undefined;
  const attributes = await readDocument(path, ".zattrs");
  return { path, attributes: attributes?.json ?? {}, zarrFormat: 2 };
}

async function refuseOtherNodes(path: string, zarrFormat: 2 | 3): Promise<void> {
  const array = await readDocument(path, ".zarray");
  const group = array ? undefined : await findGroup(path);
  if (!array && (group === undefined || group.zarrFormat === zarrFormat)) return;
  const found = array ? "an array" : `a group of Zarr format ${group?.zarrFormat}`;
  throw new ZarrError("ZARR_EXISTS", `expected no other node at ${path}, found ${found}`, { path });
}
