import { z } from "zod";

const JsonlWriter = z.strictObject({ kind: z.literal("jsonl") }).readonly();

const CsvWriter = z
  .strictObject({
    kind: z.literal("csv"),
    step_scalars_prefix: z
      .string()
      .min(1)
      .default("step_logbook")
      .describe("name of the step file"),
    epoch_scalars_prefix: z
      .string()
      .min(1)
      .default("epoch_logbook")
      .describe("name of the epoch file"),
  })
  .readonly();

/** Config group `loggers`: where the run's events are written, and how often they are shown. */
export const LoggersConfig = z
  .strictObject({
    logdir: z.string().min(1).describe("folder of the logs; as a rule logs/ in paths.outdir"),
    event_writers: z
      .array(z.discriminatedUnion("kind", [JsonlWriter, CsvWriter]))
      .readonly()
      .prefault([{ kind: "jsonl" }, { kind: "csv" }])
      .describe("who writes events down; jsonl is what resuming and the dashboard read"),
    log_every_steps: z.int().positive().default(1).describe("optimizer steps between step rows"),
    progress_interval_s: z
      .number()
      .positive()
      .max(3600)
      .default(10)
      .describe("seconds between progress lines when the output is not a terminal"),
  })
  .readonly();
export type LoggersConfig = z.infer<typeof LoggersConfig>;
