import { ShapeError } from "./errors.ts";
import { operators } from "./native-operator.ts";
import { Tensor, type TensorOptions } from "./tensor.ts";

/** Numbers, or booleans, or lists of them to any depth. */
export type Nested = number | bigint | boolean | readonly Nested[];

const aten = operators({
  cat: "aten::cat",
  stack: "aten::stack",
  where: "aten::where.self",
});

/**
 * A tensor of nested numbers: `tensor([[1, 2], [3, 4]])`. float32 unless said otherwise, bool for
 * booleans, int64 for bigints.
 *
 * @throws {@link ShapeError} when rows differ in length.
 */
export function tensor(values: Nested, options: TensorOptions = {}): Tensor {
  const shape = shapeOf(values);
  const flat = Array.isArray(values) ? values.flat(Number.POSITIVE_INFINITY) : [values];
  const count = shape.reduce((product, size) => product * size, 1);
  if (flat.length !== count) throw new ShapeError(`${flat.length} numbers in equal rows`, shape);
  const dtype = options.dtype ?? (typeof flat[0] === "boolean" ? "bool" : undefined);
  return Tensor.from(flat as number[], { ...options, dtype, shape });
}

/** Joins tensors along an axis that they have. */
export function cat(tensors: readonly Tensor[], axis: number = 0): Tensor {
  return new Tensor(
    aten.cat(
      tensors.map((x) => x.slot),
      axis,
    ),
  );
}

/** Joins tensors of one shape along a new axis. */
export function stack(tensors: readonly Tensor[], axis: number = 0): Tensor {
  return new Tensor(
    aten.stack(
      tensors.map((x) => x.slot),
      axis,
    ),
  );
}

/** Elements of `yes` where the bool tensor `condition` is true, else of `no`. */
export function where(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  return new Tensor(aten.where(condition.slot, yes.slot, no.slot));
}

function shapeOf(values: Nested): number[] {
  if (!Array.isArray(values)) return [];
  const rows = values as readonly Nested[];
  return rows[0] === undefined ? [0] : [rows.length, ...shapeOf(rows[0])];
}
