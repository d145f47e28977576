import { z } from "zod";
import { flag, group, keys, list, mapOf, orNull, text } from "./key.ts";

/** A sweep axis: the key that varies, with its path from the root, and the values that it takes. */
export interface SweepAxis {
  readonly path: readonly string[];
  readonly values: readonly unknown[];
}

/** The lists in nested keys: { optimizers: { lr: [1, 2] } } has one, at optimizers.lr. */
export function sweepAxes(value: unknown, path: readonly string[] = []): readonly SweepAxis[] {
  if (Array.isArray(value)) return [{ path, values: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => sweepAxes(child, [...path, key]));
}

/** What is no list and leads to none: in a sweep it would be without effect. */
function keysWithoutList(value: unknown, path: readonly string[] = []): readonly string[] {
  if (Array.isArray(value)) return [];
  const children = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (children.length === 0) return path.length === 0 ? [] : [path.join(".")];
  return children.flatMap(([key, child]) => keysWithoutList(child, [...path, key]));
}

const values = () => z.record(z.string(), z.unknown());

const axis = () =>
  values().superRefine((entry, context) => {
    const axes = sweepAxes(entry);
    const lists = axes.filter(({ values }) => values.length > 0);
    const beside = keysWithoutList(entry);
    if (axes.length !== 1 || lists.length !== 1 || beside.length > 0) {
      const also = beside.length > 0 ? `, and beside it ${beside.join(", ")}` : "";
      const message = `needs exactly one list of values, and has ${lists.length}${also}`;
      context.addIssue({ code: "custom", message, input: entry });
    }
  });

const RunEntry = group("one run, or one for each combination of its sweep", () =>
  keys({
    name: text("name of the run, and of its folder").regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
      "a name of letters, digits, '.', '_' and '-', since it becomes a folder",
    ),
    cfg: text(
      "config that the run starts from, as --config-name; not given: the keys of a run beside runs",
    ).optional(),
    overrides: orNull(values().describe("keys that are merged over it")),
    defaults_overrides: orNull(
      list(
        "groups that are replaced as a whole: - clusters: clusters/local",
        mapOf("group: config", text("config")).refine((entry) => Object.keys(entry).length === 1, {
          error: "needs one group and its config",
        }),
        { max: 64 },
      ),
    ),
    sweep: orNull(
      list("each entry has one list of values; their product is run", axis(), { min: 1, max: 16 }),
    ),
  }),
);

/**
 * A config with `run_type: multi_run`: a list of runs. Keys of a run beside them, which are not here,
 * are what those runs start from that name no config of their own.
 */
export const MultiRunConfig = keys({
  run_type: z.literal("multi_run").describe("one run, several, or a search"),
  experiment_name: text("name of them all").optional(),
  wandb_project: text("project of Weights & Biases").optional(),
  wandb_tags: orNull(list("tags for every run", text("tag"), { max: 256 })),
  data_base_dir: orNull(
    text("folder in paths.outdir that the runs' folders lie in; null: paths.outdir itself"),
  ),
  fail_fast: flag("true: a failed run stops those that would come after it").default(false),
  runs: list("the runs, in their order", RunEntry, { min: 1, max: 1000 }).refine(
    (runs) => new Set(runs.map(({ name }) => name)).size === runs.length,
    { error: "has a name twice: two runs would share a folder" },
  ),
}).readonly();
export type MultiRunConfig = z.infer<typeof MultiRunConfig>;
