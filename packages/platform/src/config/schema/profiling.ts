import { z } from "zod";
import { flag, group, int, keys, number, text } from "./key.ts";

/** Config group `profiling`: where a run's processor time goes. */
export const ProfilingConfig = group("where a run's processor time goes", () =>
  keys({
    enable: flag("true: profiles are written").default(false),
    outdir: text("folder of the profiles; as a rule profiling/ in paths.outdir").optional(),
    duration: z
      .union([z.literal("forever"), number("seconds", { unit: "s", above: 0, max: 1e8 })])
      .describe("how long; forever: to the end")
      .default("forever"),
    freq: int("looks a second", { unit: "1/s", min: 1, max: 1e6 }).default(1000),
    realtime: int("1: waiting counts, too", { unit: "0 or 1", min: 0, max: 1 }).default(0),
    lockfile_dir: text("folder of locks: one profile of each function").optional(),
  }),
);
export type ProfilingConfig = z.infer<typeof ProfilingConfig>;
