import { join } from "node:path";
import type { LoggersConfig } from "../config/index.ts";
import { csvWriter, type EventWriter, jsonlWriter, type OpenOptions } from "../telemetry/index.ts";
import { MissingPartError } from "./runnable-config.ts";

/** The log that resuming reads is always there, also where a config lists tables alone. */
export function writersOfRun(
  { logdir, event_writers }: LoggersConfig,
  options: OpenOptions,
): readonly EventWriter[] {
  const isListed = event_writers.some(({ kind }) => kind === "jsonl");
  const writers = isListed ? event_writers : [{ kind: "jsonl" } as const, ...event_writers];
  return writers.map((writer) => {
    switch (writer.kind) {
      case "jsonl":
        return jsonlWriter(join(logdir, "events.jsonl"), options);
      case "csv":
        return csvWriter(writer.save_dir ?? logdir, {
          stepName: writer.step_scalars_prefix,
          epochName: writer.epoch_scalars_prefix,
          ...options,
        });
      case "wandb":
        throw new MissingPartError(["loggers.event_writers: there is no writer for W&B"]);
      default:
        return writer satisfies never;
    }
  });
}
