import { z } from "zod";
import { list } from "./key.ts";

/** Axes of a hypercube on disk and in memory, slowest first: C is always the last, and the fastest. */
const layouts = ["TZYXC", "ZYXC", "TYXC", "YXC"] as const;
export type Layout = (typeof layouts)[number];

export function layout(description: string) {
  const schema = z.enum(layouts);
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** Sizes along the axes of a layout; which axes is the owner's business. */
export const shape = (description: string, { max = 6 }: { readonly max?: number } = {}) =>
  list(description, z.int().check(z.gte(1), z.lte(2 ** 31)), { min: 1, max });

/** Two ends of a range, the lower first. */
export function range(
  description: string,
  { unit, min, max }: { readonly unit: string; readonly min?: number; readonly max?: number },
) {
  const [least, most] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY];
  const schema = z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low <= high, {
      error: "the first number must not be above the second",
    })
    .refine((ends) => ends.every((end) => end >= least && end <= most), {
      error: bounded(least, most),
    })
    .readonly();
  z.globalRegistry.add(schema, { description, unit });
  return schema;
}

function bounded(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `neither number may be below ${least}`;
  return `both numbers must lie between ${least} and ${most}`;
}

/** One number, or a range to draw it from. */
export function orRange(description: string) {
  const schema = z.union([
    z.number().check(z.gte(0), z.lte(1)),
    range(description, { unit: "fraction", min: 0, max: 1 }),
  ]);
  z.globalRegistry.add(schema, { description, unit: "fraction" });
  return schema;
}
