import type { DatabasesConfig, MaeConfig, MaskingConfig, RunConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";
import type { components } from "./components.ts";
import { missingData, missingParts } from "./missing-parts.ts";
import { SearchError } from "./search-error.ts";

/** A config of which the data can be read: its type says what `missingData` has looked at. */
export type DataConfig = RunConfig & {
  readonly datasets: { readonly databases: DatabasesConfig; readonly masking: MaskingConfig };
};

/** A config of which every part is there: its type says what `missingParts` has looked at. */
export type RunnableConfig = DataConfig & {
  readonly quantization: "float32" | "bfloat16";
  readonly models: { readonly meta_arch: { readonly mae: MaeConfig } };
  readonly optimizers: { readonly name: keyof typeof components.optimizers };
  readonly schedulers: { readonly name: keyof typeof components.schedulers };
};

/** The config is right, but asks for parts that the program does not have. */
export class MissingPartError extends CellError {
  readonly code = "CONFIG_PART";
  readonly hint =
    "Nothing was started. `cello config print --why` shows which file sets each of these keys.";

  constructor(parts: readonly string[]) {
    const count = parts.length === 1 ? "a part" : `${parts.length} parts`;
    super(`the run needs ${count} that this program does not have yet:\n  ${parts.join("\n  ")}`);
  }
}

/**
 * The same config, when everything that it asks for is there.
 *
 * @throws {@link SearchError} for a search, and {@link MissingPartError} with a sentence for each
 *   part that is not there.
 */
export function runnable(config: RunConfig): RunnableConfig {
  if (config.run_type === "tune") throw new SearchError(config);
  const missing = missingParts(config);
  if (missing.length > 0) throw new MissingPartError(missing);
  return config as RunnableConfig; // the list above is what the type says
}

/**
 * The same config, when the data that it asks for can be read, for whatever model and task.
 *
 * @throws {@link MissingPartError} with a sentence for each part that is not there.
 */
export function withData(config: RunConfig): DataConfig {
  const missing = missingData(config);
  if (missing.length > 0) throw new MissingPartError(missing);
  return config as DataConfig; // the list above is what the type says
}
