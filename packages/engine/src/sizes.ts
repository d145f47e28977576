import { ShapeError } from "./errors.ts";

/** The axis names of "B N D" as a union type: "B" | "N" | "D". */
export type AxisOf<S extends string> = S extends `${infer Head} ${infer Tail}`
  ? Head | AxisOf<Tail>
  : S;

/**
 * Names the axes of a shape, and checks every size that is already known.
 *
 * `sizes([2, 196, 768], "B N D", { D: 768 })` is `{ B: 2, N: 196, D: 768 }`.
 * A number is an axis of just that size, as in "Q 6"; a name used twice has one size.
 *
 * @throws {@link ShapeError} when the rank or a known size differs.
 */
export function sizes<S extends string>(
  shape: readonly number[],
  axes: S,
  known: Partial<Record<AxisOf<S>, number>> = {},
): Record<AxisOf<S>, number> {
  const names = axes.split(" ");
  const found = new Map<string, number>(Object.entries<number>(known as Record<string, number>));
  const wanted = names.map((name) => (found.has(name) ? `${name}=${found.get(name)}` : name));
  const fits = names.every((name, i) => {
    const size = shape[i] ?? -1;
    const literal = Number(name);
    const expected = found.get(name) ?? (Number.isNaN(literal) ? size : literal);
    found.set(name, expected);
    return size === expected;
  });
  if (!fits || names.length !== shape.length) throw new ShapeError(wanted.join(" "), shape);
  return Object.fromEntries(found) as Record<AxisOf<S>, number>;
}
