// What the tests share: folders, the fixture's arrays, and the plain reading that ours is compared to.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import {
  elementBytes,
  elementValue,
  type FillValue,
  type TypedArray,
  type ZarrDtype,
} from "./dtype.ts";
import type { Region } from "./region.ts";

/** A new folder that goes when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-zarr-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface FixtureArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ZarrDtype;
  /** Given for arrays of which half is missing. */
  readonly fill?: unknown;
  readonly files: Readonly<Record<string, string>>;
}

const fixtures = new URL("./fixtures/", import.meta.url);

export const pythonSafetensors = new URL("python.safetensors", fixtures).pathname;

/** Arrays that zarr-python and TensorStore wrote (tools/reference/make_zarr_fixtures.py). */
export async function fixtureArrays(): Promise<readonly FixtureArray[]> {
  type Packed = Record<
    string,
    { describes: Omit<FixtureArray, "name" | "files">; files: FixtureArray["files"] }
  >;
  const packed = JSON.parse(await readFile(new URL("arrays.json", fixtures), "utf8")) as Packed;
  return Object.entries(packed).map(([name, { describes, files }]) => ({
    name,
    ...describes,
    files,
  }));
}

/** Puts a fixture's files into a folder, and returns the array's path. */
export async function unpacked({ name, files }: FixtureArray, folder: string): Promise<string> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, name, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.from(text, "base64"));
  }
  return join(folder, name);
}

/** Element `index` of a fixture: `elements` in make_zarr_fixtures.py. */
export function fixtureElement(dtype: ZarrDtype, index: number): FillValue {
  const h = Math.imul(index, 2654435761) >>> 22;
  if (dtype === "bool") return (h & 1) === 1;
  if (dtype.startsWith("complex")) return [h / 8 - 50, 0 - h / 2];
  if (dtype.endsWith("float16")) return (h & 127) / 8 - 5;
  if (dtype.startsWith("float")) return h / 8 - 50;
  const value = dtype.startsWith("int") ? (h & 255) - 128 : dtype === "uint8" ? h & 255 : h;
  return dtype.endsWith("64") ? BigInt(value) : value;
}

/** The elements of a view, as numbers. */
export function elementsOf(dtype: ZarrDtype, view: TypedArray): FillValue[] {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const size = elementBytes(dtype);
  return Array.from({ length: bytes.length / size }, (_, index) =>
    elementValue(dtype, bytes.subarray(index * size, (index + 1) * size)),
  );
}

/** C-order indices, in an array of `whole`, of the elements of a region. */
export function indicesOf({ origin, shape }: Region, whole: readonly number[]): number[] {
  let indices = [0];
  for (const [axis, size] of whole.entries()) {
    const [start = 0, count = 0] = [origin[axis], shape[axis]];
    const steps = Array.from({ length: count }, (_, step) => start + step);
    indices = indices.flatMap((index) => steps.map((step) => index * size + step));
  }
  return indices;
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
