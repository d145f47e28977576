import { DtypeError } from "./errors.ts";

/** The element types that JavaScript can name. */
export type Dtype =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "bool"
  | "complex64"
  | "complex128";

/** What `data()` returns; complex numbers come as pairs (re, im), 16-bit floats as float32. */
export type TypedArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

interface DtypeTraits {
  /** c10::ScalarType's number. */
  readonly code: number;
  readonly itemBytes: number;
  /** The dtype in which the elements are copied to JavaScript, and its array. */
  readonly readAs: Dtype;
  readonly array: (numElements: number) => TypedArray;
}

const traits: Readonly<Record<Dtype, DtypeTraits>> = {
  uint8: { code: 0, itemBytes: 1, readAs: "uint8", array: (n) => new Uint8Array(n) },
  int8: { code: 1, itemBytes: 1, readAs: "int8", array: (n) => new Int8Array(n) },
  int16: { code: 2, itemBytes: 2, readAs: "int16", array: (n) => new Int16Array(n) },
  int32: { code: 3, itemBytes: 4, readAs: "int32", array: (n) => new Int32Array(n) },
  int64: { code: 4, itemBytes: 8, readAs: "int64", array: (n) => new BigInt64Array(n) },
  float16: { code: 5, itemBytes: 2, readAs: "float32", array: (n) => new Float32Array(n) },
  float32: { code: 6, itemBytes: 4, readAs: "float32", array: (n) => new Float32Array(n) },
  float64: { code: 7, itemBytes: 8, readAs: "float64", array: (n) => new Float64Array(n) },
  complex64: { code: 9, itemBytes: 8, readAs: "complex64", array: (n) => new Float32Array(2 * n) },
  complex128: {
    code: 10,
    itemBytes: 16,
    readAs: "complex128",
    array: (n) => new Float64Array(2 * n),
  },
  bool: { code: 11, itemBytes: 1, readAs: "bool", array: (n) => new Uint8Array(n) },
  bfloat16: { code: 15, itemBytes: 2, readAs: "float32", array: (n) => new Float32Array(n) },
  uint16: { code: 27, itemBytes: 2, readAs: "uint16", array: (n) => new Uint16Array(n) },
  uint32: { code: 28, itemBytes: 4, readAs: "uint32", array: (n) => new Uint32Array(n) },
  uint64: { code: 29, itemBytes: 8, readAs: "uint64", array: (n) => new BigUint64Array(n) },
};

const dtypesByCode: ReadonlyMap<number, Dtype> = new Map(
  Object.entries(traits).map(([dtype, { code }]) => [code, dtype as Dtype]),
);

/** Every dtype, in the order of libtorch's numbers. */
export const dtypes: readonly Dtype[] = [...dtypesByCode.values()];

export function dtypeTraits(dtype: Dtype): DtypeTraits {
  if (!Object.hasOwn(traits, dtype))
    throw new DtypeError("dtype", dtypes.join(", "), String(dtype));
  return traits[dtype];
}

/** libtorch's number of a dtype; undefined stays undefined, and means the operator's default. */
export function dtypeCode(dtype: Dtype): number;
export function dtypeCode(dtype: Dtype | undefined): number | undefined;
export function dtypeCode(dtype: Dtype | undefined): number | undefined {
  return dtype === undefined ? undefined : dtypeTraits(dtype).code;
}

/** @throws {@link DtypeError} for libtorch's other types: quantized, 8-bit floats, complex32. */
export function dtypeOfCode(code: number): Dtype {
  const dtype = dtypesByCode.get(code);
  if (dtype === undefined) {
    throw new DtypeError("dtype", dtypes.join(", "), `libtorch's scalar type ${code}`);
  }
  return dtype;
}
