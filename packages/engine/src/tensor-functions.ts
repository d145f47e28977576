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
  const flat: (number | bigint | boolean)[] = [];
  appendRows(values, shape, 0, flat);
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

/** Appends the elements in order. Every row must have the length that the first of its axis has. */
function appendRows(
  values: Nested,
  shape: readonly number[],
  axis: number,
  elements: (number | bigint | boolean)[],
): void {
  if (!Array.isArray(values)) {
    if (axis < shape.length) throw new ShapeError(shape.join(", "), shape.slice(0, axis));
    elements.push(values as number | bigint | boolean);
    return;
  }
  const rows = values as readonly Nested[];
  if (rows.length !== shape[axis]) {
    throw new ShapeError(shape.join(", "), [...shape.slice(0, axis), rows.length]);
  }
  for (const row of rows) appendRows(row, shape, axis + 1, elements);
}
