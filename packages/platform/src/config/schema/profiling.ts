import { z } from "zod";
import { flag, group, int, keys, number, text, unused } from "./key.ts";

/** Config group `profiling`: where the time of chosen steps goes. */
export const ProfilingConfig = group("where the time of chosen steps goes", () =>
  keys({
    enable: flag("true: the operators of the chosen steps are traced").default(false),
    outdir: text("folder of the traces; not given: profiling/ in paths.outdir").optional(),
    skip_steps: int("steps before the trace", { unit: "steps", min: 0, max: 1e9 }).default(10),
    steps: int("steps that are traced", { unit: "steps", min: 1, max: 1000 }).default(3),
    duration: z
      .union([z.literal("forever"), number("seconds", { unit: "s", above: 0, max: 1e8 })])
      .describe(`how long processor time is sampled (${unused})`)
      .default("forever"),
    freq: int(`looks a second (${unused})`, { unit: "1/s", min: 1, max: 1e6 }).default(1000),
    realtime: int(`1: waiting counts, too (${unused})`, { unit: "0 or 1", min: 0, max: 1 }).default(
      0,
    ),
    lockfile_dir: text(`folder of locks (${unused})`).optional(),
  }),
);
export type ProfilingConfig = z.infer<typeof ProfilingConfig>;
