import { z } from "zod";
import { choice, flag, group, int, keys, list, number, orNull, text, unused } from "./key.ts";

const named = <const N extends string>(name: N, meaning: string) =>
  z.literal(name).describe(meaning);
const columns = () => list(`columns that are sent (${unused}), all are`, text("column")).optional();

const JsonlWriter = () =>
  keys({
    kind: named("jsonl", "events.jsonl: what resuming and the dashboard read; always written"),
  });

const CsvWriter = () =>
  keys({
    kind: named("csv", "a table of steps and one of epochs"),
    save_dir: text("folder of the tables; as loggers.logdir").optional(),
    step_scalars_prefix: text("name of the step file").default("step_logbook"),
    epoch_scalars_prefix: text("name of the epoch file").default("epoch_logbook"),
    scalars_save_format: choice("kind of file", ["csv"]).default("csv"),
  });

const WandbWriter = () =>
  keys({
    kind: named("wandb", "Weights & Biases; the key is WANDB_API_KEY in the environment"),
    project: text("project").optional(),
    entity: orNull(text("team")),
    dir: text("folder of its own files").optional(),
    name: text("name of the run").optional(),
    tags: list("tags", text("tag")).prefault([]),
    notes: orNull(text("a remark")),
    id: orNull(text("an earlier run that goes on")),
    resume_from: orNull(int("its step", { unit: "steps", min: 0, max: 2 ** 40 })),
    force: flag("true: an error without an account").default(false),
    env_path: orNull(text("file with WANDB_API_KEY")),
    save_config: flag("true: the config is sent, too").default(true),
    step_scalar_keys: columns(),
    epoch_scalar_keys: columns(),
  });

const EventWriter = z.lazy(() =>
  z.discriminatedUnion("kind", [
    JsonlWriter().readonly(),
    CsvWriter().readonly(),
    WandbWriter().readonly(),
  ]),
);

/** Config group `loggers`: where the run's events are written, and how often they are shown. */
export const LoggersConfig = group(
  "where the run's events are written, and how often they are shown",
  () =>
    keys({
      logdir: text("folder of the logs; as a rule logs/ in paths.outdir"),
      event_writers: list("who writes events down", EventWriter, { max: 16 }).prefault([
        { kind: "jsonl" },
        { kind: "csv" },
      ]),
      log_every_steps: int("optimizer steps between step rows", {
        unit: "steps",
        min: 1,
        max: 2 ** 40,
      }).default(1),
      progress_interval_s: number("time between progress lines when the output is not a terminal", {
        unit: "s",
        above: 0,
        max: 3600,
      }).default(10),
      event_writers_list: group("the reference platform's list of writers", () =>
        keys({ kind: choice("the only one", ["event_writer_list"]) }),
      ).optional(),
      event_recorder: group("the reference platform's recorder", () =>
        keys({ kind: choice("the only one", ["event_recorder"]) }),
      ).optional(),
    }),
);
export type LoggersConfig = z.infer<typeof LoggersConfig>;
