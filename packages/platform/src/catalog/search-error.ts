import type { RunConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";

type Samplers = NonNullable<RunConfig["tune"]>["param_space"]["train_loop_config"];

/** `run_type: tune`: the search is composed and checked, and there is nobody who searches. */
export class SearchError extends CellError {
  readonly code = "CONFIG_TUNE";
  readonly hint: string;

  constructor({ tune }: Pick<RunConfig, "tune">) {
    super(
      "the config asks for a search (run_type: tune); it composes and passes its checks, but nothing searches yet",
    );
    const operands = Object.entries(tune?.param_space.train_loop_config ?? {}).map(
      ([key, sampler]) => `${key}=${values(sampler)}`,
    );
    const swept = operands.length > 0 ? operands.join(" ") : "optimizers.lr=1e-3,1e-4";
    this.hint = `Try the values one after the other, as a sweep: the same command with -m run_type=single_run ${swept}`;
  }
}

/** The values of a list; of a range its ends, between which the user may put more. */
function values({ values, low, high, mean, _args_ }: Samplers[string]): string {
  const [first] = _args_ ?? [];
  const listed = values ?? (Array.isArray(first) ? first : undefined);
  const ends = [low ?? mean ?? _args_?.[0], high ?? _args_?.[1]];
  return (listed ?? ends.filter((end) => end !== undefined)).map(operandText).join(",");
}

const operandText = (value: unknown): string =>
  typeof value === "string" && !/^[\w.+-]+$/.test(value) ? `'${value}'` : shown(value);

const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
