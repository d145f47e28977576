import type { TensorSlot } from "./binding.ts";
import { type Dtype, dtypeCode, dtypeOfCode } from "./dtype.ts";
import { EngineArgumentError } from "./errors.ts";
import { Generator } from "./random.ts";
import { Tensor } from "./tensor.ts";
import { TensorCore } from "./tensor-core.ts";

/** Which elements a tensor has in memory, as libtorch numbers it. */
export const memoryFormats = {
  contiguous: 0,
  preserve: 1,
  channels_last: 2,
  channels_last_3d: 3,
} as const;
export type MemoryFormat = keyof typeof memoryFormats;

/** How a tensor stores its elements, as libtorch numbers it; without mkldnn, which is unsafe. */
export const layouts = {
  strided: 0,
  sparse_coo: 1,
  sparse_csr: 2,
  sparse_csc: 4,
  sparse_bsr: 5,
  sparse_bsc: 6,
  jagged: 7,
} as const;
export type Layout = keyof typeof layouts;

type Reader = (value: unknown) => unknown;
type Maker = (value: unknown, args: readonly unknown[]) => unknown;

/** Turns an argument of a schema's type into what the native operator takes. */
export function argumentReader(type: string, where: string): Reader {
  switch (type.replace(/[?!]+$/, "")) {
    case "Tensor":
      return (value) => slotOf(value, where);
    case "Tensor[]":
    case "Tensor[]!":
    case "Tensor?[]":
      return (value) =>
        Array.isArray(value)
          ? value.map((each) => slotOf(each, where))
          : refuseNumber(value, where);
    case "ScalarType":
      return (value) => (value === undefined || value === null ? value : dtypeCode(value as Dtype));
    case "MemoryFormat":
      return (value) => coded(memoryFormats, value, where);
    case "Layout":
      return (value) => coded(layouts, value, where);
    case "Generator":
      return (value) => (value instanceof Generator ? value.handle : value);
    default:
      return (value) => (value instanceof TensorCore ? refuse(value, "no tensor", where) : value);
  }
}

/** Turns a result of a schema's type into what JavaScript gets. */
export function resultMaker(type: string): Maker {
  if (type === "ScalarType") return (value) => dtypeOfCode(value as number);
  if (type === "Tensor!") return written;
  if (type.startsWith("Tensor")) return wrapped;
  return (value) => value;
}

function slotOf(value: unknown, where: string): TensorSlot | null | undefined {
  if (value instanceof TensorCore) return value.slot;
  if (value === undefined || value === null) return value;
  return refuse(value, "a tensor", where);
}

function refuseNumber(value: unknown, where: string): unknown {
  return value === undefined || value === null
    ? value
    : refuse(value, "an array of tensors", where);
}

function refuse(value: unknown, expected: string, where: string): never {
  const got = value instanceof TensorCore ? "a tensor" : `${typeof value} ${String(value)}`;
  throw new EngineArgumentError(where, `expected ${expected}, got ${got}`, []);
}

function coded(codes: Readonly<Record<string, number>>, value: unknown, where: string): unknown {
  if (value === undefined || value === null) return value;
  const code = typeof value === "string" && Object.hasOwn(codes, value) ? codes[value] : undefined;
  return code ?? refuse(value, `one of ${Object.keys(codes).join(", ")}`, where);
}

function wrapped(value: unknown): unknown {
  if (typeof value === "number") return new Tensor(value as TensorSlot);
  return Array.isArray(value) ? value.map(wrapped) : value;
}

/** The argument that the operator wrote to and returned. */
function written(value: unknown, args: readonly unknown[]): unknown {
  return args.find((each) => each instanceof TensorCore && each.slot === value) ?? wrapped(value);
}
