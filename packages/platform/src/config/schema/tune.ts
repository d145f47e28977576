import { z } from "zod";
import { choice, group, int, keys, list, mapOf, number, orNull, text } from "./key.ts";

const anyValue = () =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.unknown())]);
const positional = () =>
  list("arguments by position, as the reference platform writes them: [[16, 32]]", z.unknown(), {
    max: 4,
  }).optional();
const bound = (description: string) => z.number().describe(description).optional();

/** How the values of one key are drawn, by Ray Tune's names. */
const Sampler = z.lazy(() =>
  keys({
    kind: choice("grid_search: each value; choice: one of them; the others: between low and high", [
      "grid_search",
      "choice",
      "uniform",
      "loguniform",
      "quniform",
      "qloguniform",
      "randint",
      "qrandint",
      "lograndint",
      "randn",
    ]),
    values: list("grid_search, choice: the values", anyValue(), { min: 1 }).optional(),
    low: bound("smallest value"),
    high: bound("largest value"),
    q: bound("values are multiples of it"),
    base: bound("of the logarithm"),
    mean: bound("randn: mean"),
    sd: bound("randn: deviation"),
    _args_: positional(),
  }).superRefine(checkSampler),
);

/** Config group `tune`: a search over configs. */
export const TuneConfig = group("a search over configs", () =>
  keys({
    tune_config: group("how the search goes", () =>
      keys({
        metric: text("what a run is judged by; as a rule evaluation.val_metric"),
        mode: choice("which is better", ["min", "max"]),
        num_samples: int("runs; of a grid, times", { unit: "runs", min: 1, max: 1e6 }).default(1),
        max_concurrent_trials: orNull(int("runs at once", { unit: "runs", min: 1, max: 1e4 })),
        time_budget_s: orNull(number("end of the search", { unit: "s", above: 0, max: 1e9 })),
        search_alg: group("who chooses the next values", () =>
          keys({
            kind: choice("basic_variant: as drawn", [
              "basic_variant",
              "bayesopt",
              "hyperopt",
              "optuna",
            ]),
            max_concurrent: int("runs at once", { unit: "runs", min: 0, max: 1e4 }).optional(),
            random_state: int("seed", { unit: "seed", min: 0 }).optional(),
          }),
        ).optional(),
        scheduler: group("who stops bad runs early", () =>
          keys({
            kind: choice("fifo: nobody", ["fifo", "asha", "hyperband", "median_stopping", "pbt"]),
            max_t: int("longest run", { unit: "epochs", min: 1, max: 1e9 }).optional(),
            grace_period: int("shortest run", { unit: "epochs", min: 1, max: 1e9 }).optional(),
            reduction_factor: number("part that goes on", {
              unit: "ratio",
              above: 1,
              max: 1e3,
            }).optional(),
          }),
        ).optional(),
      }),
    ),
    param_space: group("what is tried", () =>
      keys({
        train_loop_config: mapOf("a key of the config, with dots, and how it is drawn", Sampler),
      }),
    ),
  }),
);
export type TuneConfig = z.infer<typeof TuneConfig>;

interface Drawn {
  readonly kind: string;
  readonly values?: readonly unknown[] | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly _args_?: readonly unknown[] | undefined;
}

/** A list needs values, a range both ends in their order; positions stand for either. */
function checkSampler(c: Drawn, context: z.RefinementCtx): void {
  const fault = (key: string, message: string) =>
    context.addIssue({ code: "custom", path: [key], message, input: c });
  const isList = c.kind === "grid_search" || c.kind === "choice";
  if (c._args_ !== undefined) {
    const [first] = c._args_;
    if (isList && !(Array.isArray(first) && first.length > 0)) {
      fault("_args_", `${c.kind} needs one list of values: [[16, 32]]`);
    }
  } else if (isList) {
    if (c.values === undefined) fault("kind", `${c.kind} needs values`);
  } else if (c.kind !== "randn") {
    if (c.low === undefined || c.high === undefined) fault("kind", `${c.kind} needs low and high`);
    else if (c.low >= c.high) fault("low", `must be below high, which is ${c.high}`);
  }
}
