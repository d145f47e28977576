import { fraction, group, int, keys, number } from "./key.ts";

/** Config group `datasets/buffers`: memory of the reference platform's buffers for predictions. */
export const BuffersConfig = group("memory of the buffers that predictions wait in", () =>
  keys({
    rank_memory_budget_gb: number("memory of one rank", {
      unit: "GB",
      above: 0,
      max: 1e9,
    }).optional(),
    max_concurrent_calls: int("calls that a buffer takes at once", {
      unit: "calls",
      min: 1,
      max: 1e6,
    }).default(256),
    safety_margin: fraction("part of the memory that is left alone").default(0.05),
  }),
);
