import { resolve } from "node:path";
import { type NativeTensorEntry, native } from "./binding.ts";
import { elementBytes, type ZarrDtype } from "./dtype.ts";
import { SafetensorsError } from "./errors.ts";
import { runJob } from "./job.ts";

/** Types of elements that a file can hold, by the names that the engine gives them. */
export type SafetensorsDtype = Exclude<ZarrDtype, "complex128">;

export interface SafetensorsTensor {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** The elements in C order, little-endian, from a multiple of their size on. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

/**
 * Reads a file into one buffer, of which the tensors are views.
 *
 * The header is checked before anything is allocated for the data: its size, every offset, that
 * tensors neither overlap nor leave holes, that they are all of the file, and their names.
 *
 * @throws {@link SafetensorsError} SAFETENSORS_HEADER, SAFETENSORS_DTYPE, SAFETENSORS_IO
 */
export async function readSafetensors(
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<SafetensorsFile> {
  const file = resolve(path);
  const opened = await runJob((id) => native().openSafetensors(id, file), signal);
  const { dataBytes, metadata, tensors } = opened.info();
  const dtypes = tensors.map((entry) => engineDtype(entry, file));
  const data = new Uint8Array(dataBytes);
  await runJob((id) => opened.load(id, data), signal);
  const named = tensors.map(({ name, shape, begin, end }, index) => {
    const dtype = dtypes[index] ?? "uint8";
    const isAligned = begin % elementBytes(dtype) === 0;
    const bytes = isAligned ? data.subarray(begin, end) : data.slice(begin, end);
    return [name, { dtype, shape, bytes }] as const;
  });
  return { metadata: Object.fromEntries(metadata), tensors: new Map(named) };
}

/**
 * Writes a file that is whole or not there, and survives a loss of power once the promise resolves.
 *
 * The same tensors and metadata give the same bytes, in whatever order they come. The tensors'
 * memory must not change before the promise settles.
 *
 * @returns the size of the file, and its SHA-256 in hexadecimal
 * @throws {@link SafetensorsError} SAFETENSORS_HEADER, SAFETENSORS_DTYPE, SAFETENSORS_IO
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  {
    metadata = {},
    signal,
  }: {
    readonly metadata?: Readonly<Record<string, string>> | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const file = resolve(path);
  const list = [...tensors].map(([name, tensor]) => {
    const { shape, bytes } = tensor;
    return { name, dtype: fileDtype(name, tensor, file), shape, data: bytes };
  });
  const pairs = Object.entries(metadata);
  return runJob((id) => native().saveSafetensors(id, file, pairs, list), signal);
}

/** The engine's name for each type, and the format's. */
const fileNames: Readonly<Record<SafetensorsDtype, string>> = {
  bool: "BOOL",
  int8: "I8",
  uint8: "U8",
  int16: "I16",
  uint16: "U16",
  float16: "F16",
  bfloat16: "BF16",
  int32: "I32",
  uint32: "U32",
  float32: "F32",
  complex64: "C64",
  float64: "F64",
  int64: "I64",
  uint64: "U64",
};

function engineDtype({ name, dtype }: NativeTensorEntry, path: string): SafetensorsDtype {
  for (const [known, fileName] of Object.entries(fileNames)) {
    if (fileName === dtype) return known as SafetensorsDtype;
  }
  const expected = Object.values(fileNames).join(", ");
  const message = `${path}, tensor "${name}": expected a type of ${expected}, found ${dtype}`;
  throw new SafetensorsError("SAFETENSORS_DTYPE", message, { path });
}

function fileDtype(name: string, tensor: SafetensorsTensor, path: string): string {
  const { dtype, shape, bytes } = tensor;
  const refused = (code: "SAFETENSORS_DTYPE" | "SAFETENSORS_HEADER", message: string) =>
    new SafetensorsError(code, `${path}, tensor "${name}": ${message}`, { path });
  if (!Object.hasOwn(fileNames, dtype)) {
    throw refused("SAFETENSORS_DTYPE", `expected a type that safetensors has, found ${dtype}`);
  }
  const expected = shape.reduce((product, size) => product * size, elementBytes(dtype));
  if (shape.every((size) => Number.isSafeInteger(size) && size >= 0) && expected === bytes.length) {
    return fileNames[dtype];
  }
  const message = `expected ${expected} bytes for [${shape.join(", ")}] of ${dtype}, found ${bytes.length}`;
  throw refused("SAFETENSORS_HEADER", message);
}
