import { z } from "zod";

/** Axes of a hypercube on disk and in memory, slowest first: C is always the last, and the fastest. */
export const Layout = z.enum(["TZYXC", "ZYXC", "TYXC", "YXC"]);
export type Layout = z.infer<typeof Layout>;

/** Sizes along the axes of a layout; which axes is the owner's business. */
export const Shape = z.array(z.int().positive()).min(1).max(6).readonly();

/** Two ends of a range, the lower first. */
export const Range = z
  .tuple([z.number(), z.number()])
  .readonly()
  .refine(([low, high]) => low <= high, { error: "the first number must not be above the second" });
