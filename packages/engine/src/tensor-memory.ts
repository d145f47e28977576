import { markAsUntransferable } from "node:worker_threads";
import { engine, type TensorSlot } from "./binding.ts";
import type { Device } from "./device.ts";
import { type Dtype, dtypeCode, dtypeTraits } from "./dtype.ts";
import { DtypeError, ShapeError, TensorSourceError } from "./errors.ts";
import { operators } from "./native-operator.ts";

/** What {@link Tensor.from} copies. */
export type ElementSource =
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[]
  | NodeJS.TypedArray;

interface FromOptions {
  readonly shape?: readonly number[] | undefined;
  readonly dtype?: Dtype | undefined;
  readonly device?: Device | undefined;
}

interface OverOptions {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly byteOffset?: number;
}

const aten = operators({ to: "aten::_to_copy" });

/** The slot of a new tensor with a copy of `elements`. */
export function slotFrom(
  elements: ElementSource,
  { shape, dtype, device }: FromOptions,
): TensorSlot {
  const given = ArrayBuffer.isView(elements) ? elements : typedArrayOf(elements, dtype);
  const wanted = dtype ?? dtypeOfArray(given);
  const array = isComplex(wanted) ? pairsOf(given, wanted) : given;
  const stored = isComplex(wanted) ? wanted : dtypeOfArray(array);
  const { itemBytes } = dtypeTraits(stored);
  const count = array.byteLength / itemBytes;
  const sizes = shape ?? [count];
  const numElements = sizes.reduce((product, size) => product * size, 1);
  if (numElements !== count) throw new ShapeError(`${count} elements`, sizes);
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const slot = engine().fromBytes(bytes, dtypeCode(stored), sizes, device);
  if (stored === wanted) return slot;
  try {
    return aten.to(slot, dtypeCode(wanted));
  } finally {
    engine().release(slot);
  }
}

/** The slot of a tensor over the buffer's memory. */
export function slotOver(
  buffer: ArrayBuffer | SharedArrayBuffer,
  { shape, dtype, byteOffset = 0 }: OverOptions,
): TensorSlot {
  const isShared = buffer instanceof SharedArrayBuffer;
  if (isShared ? buffer.growable : buffer.resizable) {
    throw new TensorSourceError("expected a buffer of fixed length, got one that can be resized");
  }
  const needed = shape.reduce((product, size) => product * size, dtypeTraits(dtype).itemBytes);
  const room = buffer.byteLength - byteOffset;
  if (!(needed >= 0 && needed <= room && byteOffset >= 0)) {
    throw new TensorSourceError(
      `expected ${needed} bytes for ${dtype}[${shape.join(", ")}] from byte ${byteOffset}, got ${room}`,
    );
  }
  // A transferred buffer would be freed under the tensor.
  if (!isShared) markAsUntransferable(buffer);
  return engine().overBytes(new Uint8Array(buffer, byteOffset, needed), dtypeCode(dtype), shape);
}

/** Numbers as float64, which holds them all; then converted once to what is wanted. */
function typedArrayOf(
  elements: readonly number[] | readonly bigint[] | readonly boolean[],
  dtype: Dtype | undefined,
): NodeJS.TypedArray {
  switch (typeof elements[0]) {
    case "bigint": {
      const integers = elements as readonly bigint[];
      refuseBeyond(integers, dtype ?? "int64");
      return dtype === "uint64" ? BigUint64Array.from(integers) : BigInt64Array.from(integers);
    }
    case "boolean":
      return Uint8Array.from(elements as readonly boolean[], Number);
    default: {
      const numbers = elements as readonly number[];
      refuseBeyond(numbers, dtype ?? "float32");
      const isExact = dtype !== undefined && dtype !== "float32";
      return isExact ? Float64Array.from(numbers) : Float32Array.from(numbers);
    }
  }
}

/** What integer dtypes hold: from the first number, to below the second. */
const integerRanges: Readonly<Partial<Record<Dtype, readonly [from: number, end: number]>>> = {
  uint8: [0, 2 ** 8],
  int8: [-(2 ** 7), 2 ** 7],
  uint16: [0, 2 ** 16],
  int16: [-(2 ** 15), 2 ** 15],
  uint32: [0, 2 ** 32],
  int32: [-(2 ** 31), 2 ** 31],
  uint64: [0, 2 ** 64],
  int64: [-(2 ** 63), 2 ** 63],
};

/** Typed arrays and libtorch would take what is left of a number that is too large. */
function refuseBeyond(elements: readonly (number | bigint)[], dtype: Dtype): void {
  const range = integerRanges[dtype];
  if (range === undefined) return;
  const odd = elements.findIndex((element) => {
    const whole = typeof element === "bigint" ? element : Math.trunc(element);
    return !(whole >= range[0] && whole < range[1]); // also of NaN
  });
  if (odd < 0) return;
  throw new TensorSourceError(
    `Tensor.from: expected numbers that ${dtype} can hold, got ${elements[odd]} at index ${odd}`,
  );
}

type ComplexDtype = Extract<Dtype, `complex${number}`>;

function isComplex(dtype: Dtype): dtype is ComplexDtype {
  return dtype === "complex64" || dtype === "complex128";
}

/** The numbers as memory of complex ones: pairs of float32, or of float64. */
function pairsOf(numbers: NodeJS.TypedArray, dtype: ComplexDtype): NodeJS.TypedArray {
  const parts = numbers as Iterable<number>;
  if (dtype === "complex64") {
    return numbers instanceof Float32Array ? numbers : Float32Array.from(parts, Number);
  }
  return numbers instanceof Float64Array ? numbers : Float64Array.from(parts, Number);
}

const dtypesByTag: Readonly<Record<string, Dtype>> = {
  BigInt64Array: "int64",
  BigUint64Array: "uint64",
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
  Int16Array: "int16",
  Int32Array: "int32",
  Int8Array: "int8",
  Uint16Array: "uint16",
  Uint32Array: "uint32",
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
};

function dtypeOfArray(array: NodeJS.TypedArray): Dtype {
  const dtype = dtypesByTag[array[Symbol.toStringTag]];
  if (dtype === undefined) throw new DtypeError("Tensor.from", "a typed array", String(array));
  return dtype;
}
