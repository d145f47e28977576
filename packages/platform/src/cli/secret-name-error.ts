import type { RunConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";
import { Redactor } from "../secrets/index.ts";

/** A name that everybody sees would hold a secret. */
export class SecretNameError extends CellError {
  readonly code = "CONFIG_SECRET";
  readonly hint = "Folders are listed and copied: use another name, and keep the secret in .env.";

  constructor(key: string, variable: string) {
    super(`${key} holds the value of ${variable}, and would become the name of a folder`);
  }
}

/** @throws {@link SecretNameError} before a folder is made. */
export function ensureNoSecretInNames({
  experiment_name,
  paths,
  loggers,
  inference,
  profiling,
}: RunConfig): void {
  const redactor = new Redactor(process.env);
  for (const [key, name] of [
    ["experiment_name", experiment_name],
    ["paths.outdir", paths.outdir],
    ["loggers.logdir", loggers.logdir],
    ["inference.save_dir", inference.save_dir],
    ["profiling.outdir", profiling?.outdir],
    ...loggers.event_writers.map((writer, i) => {
      const folder = "save_dir" in writer ? writer.save_dir : undefined;
      return [`loggers.event_writers.${i}.save_dir`, folder] as const;
    }),
  ] as const) {
    const variable = redactor.foundIn(name ?? "");
    if (variable !== null) throw new SecretNameError(key, variable);
  }
}
