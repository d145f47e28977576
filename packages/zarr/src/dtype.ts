import { ZarrError } from "./errors.ts";

/** Types of elements, by their names in Zarr v3; the same as the engine's. */
export type ZarrDtype = keyof typeof views;

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** One element, as JavaScript has it; a complex number is [real, imaginary]. */
export type FillValue = number | bigint | boolean | readonly [number, number];

/**
 * The view in which elements of each type are read and written.
 *
 * float16 and bfloat16 are their bit patterns; a complex number takes two numbers of the view.
 */
const views = {
  bool: { View: Uint8Array, elementBytes: 1 },
  int8: { View: Int8Array, elementBytes: 1 },
  uint8: { View: Uint8Array, elementBytes: 1 },
  int16: { View: Int16Array, elementBytes: 2 },
  uint16: { View: Uint16Array, elementBytes: 2 },
  int32: { View: Int32Array, elementBytes: 4 },
  uint32: { View: Uint32Array, elementBytes: 4 },
  int64: { View: BigInt64Array, elementBytes: 8 },
  uint64: { View: BigUint64Array, elementBytes: 8 },
  float16: { View: Uint16Array, elementBytes: 2 },
  bfloat16: { View: Uint16Array, elementBytes: 2 },
  float32: { View: Float32Array, elementBytes: 4 },
  float64: { View: Float64Array, elementBytes: 8 },
  complex64: { View: Float32Array, elementBytes: 8 },
  complex128: { View: Float64Array, elementBytes: 16 },
} as const;

export function isZarrDtype(name: string): name is ZarrDtype {
  return Object.hasOwn(views, name);
}

export function elementBytes(dtype: ZarrDtype): number {
  return views[dtype].elementBytes;
}

/** A view of `bytes`, which begin at a multiple of the element's size. */
export function viewOf(dtype: ZarrDtype, bytes: Uint8Array): TypedArray {
  const { View } = views[dtype];
  return new View(
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    bytes.byteLength / View.BYTES_PER_ELEMENT,
  );
}

/**
 * The memory under `data`, which is a view of the dtype's own kind or bytes.
 *
 * @throws {@link ZarrError} ZARR_DTYPE for any other kind: nothing is converted; ZARR_BOUNDS for
 *   memory that can be resized or was transferred.
 */
export function bytesOf(data: TypedArray, dtype: ZarrDtype, path: string): Uint8Array {
  const { View } = views[dtype];
  if (!(data instanceof View || data instanceof Uint8Array)) {
    const found = (data as object).constructor.name;
    const message = `${path}: expected a ${View.name} or a Uint8Array for ${dtype}, found a ${found}`;
    throw new ZarrError("ZARR_DTYPE", message, { path });
  }
  const { buffer } = data;
  if (buffer instanceof ArrayBuffer && (buffer.resizable || buffer.detached)) {
    // It could shrink under the threads that write to it, or is gone already.
    const found = buffer.detached ? "one that was transferred" : "a resizable one";
    const message = `${path}: expected an ArrayBuffer of fixed length, found ${found}`;
    throw new ZarrError("ZARR_BOUNDS", message, { path });
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The number in the bytes of one element. */
export function elementValue(dtype: ZarrDtype, bytes: Uint8Array): FillValue {
  const view = viewOf(dtype, Uint8Array.from(bytes));
  const [first = 0, second = 0] = view;
  switch (dtype) {
    case "bool":
      return first !== 0;
    case "float16":
      return halfValue(Number(first));
    case "bfloat16":
      return new Float32Array(Uint32Array.of(Number(first) << 16).buffer)[0] ?? Number.NaN;
    case "complex64":
    case "complex128":
      return [Number(first), Number(second)];
    default:
      return first;
  }
}

/** IEEE 754 binary16. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}
