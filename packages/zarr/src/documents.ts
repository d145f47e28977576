import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ZarrError } from "./errors.ts";
import { codeOf, patiently } from "./patience.ts";

/** A JSON object of a Zarr hierarchy, unchecked. */
export type JsonObject = { readonly [key: string]: unknown };

export interface Document {
  readonly text: string;
  readonly json: JsonObject;
}

/** No zarr.json that we know of comes near; a larger one is refused before it is read. */
const maxDocumentBytes = 8 * 2 ** 20;
/** Of values in a document, names included, and of lists in lists: few bytes can take much memory. */
const maxValues = 500_000;
const maxDepth = 100;

/**
 * Reads a metadata document; undefined when there is none.
 *
 * @throws {@link ZarrError} ZARR_METADATA when it is too large or not a JSON object, ZARR_IO.
 */
export async function readDocument(
  folder: string,
  name: string,
  signal?: AbortSignal,
): Promise<Document | undefined> {
  const path = join(folder, name);
  const read = async () => {
    const status = await stat(path);
    if (!status.isFile()) throw refused(path, "expected a regular file");
    if (status.size > maxDocumentBytes) {
      throw refused(path, `expected at most ${maxDocumentBytes} bytes, found ${status.size}`);
    }
    return readFile(path, { encoding: "utf8", ...(signal && { signal }) });
  };
  try {
    return parsed(path, await patiently(read, signal));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (cause instanceof ZarrError) throw cause;
    signal?.throwIfAborted();
    throw new ZarrError("ZARR_IO", `could not read ${path}: ${reason(cause)}`, { path, cause });
  }
}

/**
 * Writes a metadata document, whole or not at all, and makes its folder when it is missing.
 *
 * @throws {@link ZarrError} ZARR_IO
 */
export async function writeDocument(folder: string, name: string, json: JsonObject): Promise<void> {
  const path = join(folder, name);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(documentText(json));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new ZarrError("ZARR_IO", `could not write ${path}: ${reason(cause)}`, { path, cause });
  }
}

/**
 * What is in a folder; nothing when there is none.
 *
 * @throws {@link ZarrError} ZARR_IO when it cannot be listed: it may be full
 */
export async function folderNames(path: string): Promise<readonly string[]> {
  try {
    return await patiently(() => readdir(path), undefined);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw new ZarrError("ZARR_IO", `could not list ${path}: ${reason(cause)}`, { path, cause });
  }
}

/**
 * Removes a folder, those of its files that are named before the others.
 *
 * @throws {@link ZarrError} ZARR_IO
 */
export async function removeFolder(path: string, first: readonly string[]): Promise<void> {
  try {
    for (const name of first) await rm(join(path, name), { force: true });
    await rm(path, { recursive: true });
  } catch (cause) {
    throw new ZarrError("ZARR_IO", `could not remove ${path}: ${reason(cause)}`, { path, cause });
  }
}

/** JSON in which a bigint is a number with all its digits. */
export function documentText(json: JsonObject): string {
  const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };
  const exact = (_: string, value: unknown) =>
    typeof value === "bigint" ? rawJSON(value.toString()) : value;
  return `${JSON.stringify(json, exact, 2)}\n`;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(path: string, text: string): Document {
  checkExtent(path, text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refused(path, `expected JSON: ${cause instanceof Error ? cause.message : ""}`, cause);
  }
  if (!isObject(json)) throw refused(path, "expected a JSON object");
  return { text, json };
}

/** Looks at the text before it is parsed, without keeping anything of it. */
function checkExtent(path: string, text: string): void {
  let [values, depth, isInString] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === "\\") at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    else if (character === "," || character === ":") values += 1;
    if (depth > maxDepth) throw refused(path, `expected at most ${maxDepth} lists in lists`);
    if (values > maxValues) throw refused(path, `expected at most ${maxValues} values`);
  }
}

function refused(path: string, message: string, cause?: unknown): ZarrError {
  return new ZarrError("ZARR_METADATA", `${path}: ${message}`, { path, cause });
}

function isMissing(cause: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(codeOf(cause));
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
