import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { z } from "zod";
import { MultiRunConfig } from "./multi-run.ts";
import { RunConfig } from "./run.ts";
import { copies, sameKeys } from "./same-keys.ts";
import { type AnySchema, bare, childrenOf, jsonOf } from "./schema-tree.ts";

interface Key {
  readonly path: string;
  readonly schema: AnySchema;
}

/** Every key once, the variants of lists included; a union inside itself is gone into once. */
function* keysOf(schema: AnySchema, path: string, seen: Set<unknown>): Generator<Key> {
  const { schema: plain } = bare(schema);
  if (seen.has(plain)) return;
  seen.add(plain);
  for (const [name, child] of childrenOf(schema)) {
    const full = path === "" ? name : `${path}.${name}`;
    if (!full.endsWith("*")) yield { path: full, schema: child };
    yield* keysOf(child, full, seen);
  }
}

const keys = [...keysOf(RunConfig, "", new Set()), ...keysOf(MultiRunConfig, "", new Set())];
const isNumber = ({ schema }: Key) => bare(schema).schema._zod.def.type === "number";
const paths = (found: readonly Key[]) => found.map(({ path }) => path);

test("every key says what it means", () => {
  assert.ok(keys.length > 700, `${keys.length} keys`);
  assert.deepEqual(paths(keys.filter(({ schema }) => !bare(schema).meta?.description)), []);
});

test("a group never says of itself that it may be left out, which zod is told beforehand", () => {
  const groups = new Set<unknown>();
  const find = (schema: AnySchema): void => {
    const { def } = schema._zod as z.core.$ZodTypes["_zod"];
    if (def.type === "lazy") groups.add(schema);
    if ("innerType" in def) find(def.innerType);
  };
  for (const { schema } of keys) find(schema);
  assert.ok(groups.size > 50, `${groups.size} groups`);
  for (const group of groups as Set<z.core.$ZodLazy>) {
    const { optin, optout } = group._zod.innerType._zod;
    assert.deepEqual([optin, optout], [undefined, undefined]);
  }
});

/** Numbers that are another key's values: what they count, that key knows. */
const isDrawn = ({ path }: Key) => path.startsWith("tune.param_space.");

test("every number has a unit, and a range", () => {
  const numbers = keys.filter(isNumber).filter((key) => !isDrawn(key));
  assert.deepEqual(paths(numbers.filter(({ schema }) => !bare(schema).meta?.unit)), []);
  const bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
  const isOpen = ({ schema }: Key) => {
    const json = jsonOf(bare(schema).schema);
    return !bounds.some((bound) => json[bound] !== undefined);
  };
  assert.deepEqual(paths(numbers.filter(isOpen)), []);
});

// Scenario R23: a value at or beyond a border is refused, or is in the config exactly as it was given.

const odd = [
  "1",
  "1e-4",
  "",
  "nan",
  true,
  null,
  [],
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  2 ** 63,
  1e308,
  5e-324,
  -0,
  0,
  0.1,
  1.5,
  -1,
  10000,
  2 ** 40,
];

function bordersOf(schema: AnySchema): readonly number[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = jsonOf(schema);
  return [minimum, maximum, exclusiveMinimum, exclusiveMaximum].flatMap((bound) =>
    typeof bound === "number" ? [bound - 1, bound, bound + 1, bound - 1e-9, bound + 1e-9] : [],
  );
}

test("no number is rounded, cast or cut to its range", (t) => {
  let [values, kept] = [0, 0];
  for (const { path, schema } of keys.filter(isNumber)) {
    const isNullable = bare(schema).isNullable;
    for (const value of [...odd, ...bordersOf(bare(schema).schema)]) {
      const result = (schema as z.ZodType).safeParse(value);
      values += 1;
      if (!result.success) continue;
      kept += 1;
      assert.ok(Object.is(result.data, value), `${path}: ${value} became ${result.data}`);
      assert.ok(typeof value === "number" || (value === null && isNullable), `${path}: ${value}`);
      assert.ok(value === null || Number.isFinite(value), `${path}: ${value}`);
    }
  }
  t.diagnostic(`${values} values at borders: ${kept} kept as they are, ${values - kept} refused`);
});

test("nothing but true and false is a truth value, and nothing but text is text", () => {
  for (const { path, schema } of keys) {
    const { schema: plain } = bare(schema);
    const wrong: Readonly<Record<string, readonly unknown[]>> = {
      boolean: ["true", "false", "yes", 0, 1],
      string: [0, 1.5, true, ["a"]],
    };
    for (const value of wrong[plain._zod.def.type] ?? []) {
      assert.ok(!(schema as z.ZodType).safeParse(value).success, `${path}: ${value}`);
    }
  }
});

// Each key is read by code outside of the schemas, or stands for one that is, or says that it has no
// effect (itself, or a group that it is in), or is here.
const others: readonly (readonly [RegExp, string])[] = [
  [/^paths\.data_path$/, "option files name it, as ${paths.data_path}"],
  [/^models\.(?!meta_arch\.mae\b)/, "parts of models that are refused"],
  [/^tasks\./, "tasks but pretrain are refused"],
  [/^evaluation\.evaluator\./, "evaluators but base are refused"],
  [/^schedulers\.(?:final_lr_ratio|decay_type)$/, "schedules but warmup_cosine_decay are refused"],
  [/^schedulers\.(?:ema|wd_scheduler)/, "refused: JEPA, and a weight decay that changes"],
  [/^optimizers\.(?:adjust_lr_fn|momentum|nesterov)$/, "Muon is refused"],
  [/^optimizations\.models\./, "enable: true is refused"],
  [
    /^(?:deepspeed|parallelism)\.\w+\.(?!enabled?$)/,
    "enabled: true is refused, or one rank has nothing to divide",
  ],
  [/^parallelism\.training\.\w+_degree$/, "above 1 is refused"],
  [/^loggers\.event_writers\.\*\.(?:env_path|resume_from|save_config)$/, "W&B's writer is refused"],
  [/^inference\.(?:outputs_metadata|auxiliary_outputs)\./, "refused where something is given"],
  [/^inference\.feature_viz_type$/, "the head feature_extractor is refused"],
  [/^hooks\.hooks_list\.\*\.(?:epoch|step)_period$/, "hook torch_memory_stats is refused"],
  [/^hooks\.hooks_list\.\*\.(?:start|end)_iter$/, "hook nsys_profiler is refused"],
  [
    /^hooks\.hooks_list\.\*\.(?:gc_freq|run_on|generation|debug|disable_auto_gc|only_rank0|initial_collect|reenable_on_end)$/,
    "hook garbage_collection is refused",
  ],
  [
    /^hooks\.hooks_list\.\*\.(?:log_path|shm_top_n|include_\w+|dump_\w+)$/,
    "hook memory_debug is refused",
  ],
  [/^hooks\.hooks_list\.\*\.(?:compare_fn|checkpointdir)$/, "must agree: run-rules.ts"],
  [/^checkpoint\.checkpoint_manager\.save_checkpointdir$/, "must agree: run-rules.ts"],
  [/^deepspeed\.gradient_(?:clipping|accumulation_steps)$/, "must agree: run-rules.ts"],
  [/^models\.meta_arch\.mae\.rope_mixed$/, "must agree: transformer-keys.ts"],
  [/^datasets\.preprocessor\.mask_generator$/, "says that it is not read"],
  [/^datasets\..*\.input_(?:format|layout)$/, "the axes of the run, by another name"],
  [
    /^datasets\.masking\.mask_generators\.\*\.skip_patch_mask_generation$/,
    "patches are always masked",
  ],
  [/^datasets\.buffers\./, "predictions do not wait in buffers"],
  [/^tune\./, "a search is refused"],
];

test("what no code reads says so, and what is listed beside them is needed there", () => {
  const src = join(import.meta.dirname, "../..");
  const files = globSync("**/*.ts", { cwd: src }).filter(
    (file) => !file.startsWith("config/schema/") && !/\.(?:test|fixture|suite)\.ts$/.test(file),
  );
  const code = files.map((file) => readFileSync(join(src, file), "utf8")).join("\n");
  const words = new Set(code.match(/\w+/g));
  const said = new Set([...sameKeys.map(({ from }) => from), ...copies.map(([copy]) => copy)]);
  const descriptions = new Map(
    keys.map(({ path, schema }) => [path, bare(schema).meta?.description ?? ""]),
  );
  const isMarked = (path: string): boolean =>
    descriptions.get(path)?.includes("no effect here") === true ||
    (path.includes(".") && isMarked(path.slice(0, path.lastIndexOf("."))));
  const isLeaf = ({ schema }: Key) => [...childrenOf(schema)].length === 0;
  /** Of a key that only repeats another its name says nothing: the other is what code reads. */
  const isRead = ({ path }: Key) =>
    words.has(path.split(".").at(-1) ?? "") && !/^as \w/.test(descriptions.get(path) ?? "");
  const isOneWord = ({ schema }: Key) => {
    const { def } = bare(schema).schema._zod;
    return def.type === "literal" || (def.type === "enum" && Object.keys(def.entries).length === 1);
  };
  const silent = keys.filter(
    (key) =>
      isLeaf(key) &&
      !isOneWord(key) &&
      !isRead(key) &&
      !said.has(key.path.replaceAll("*", "0")) &&
      !isMarked(key.path),
  );
  const isListed = (path: string) => others.some(([pattern]) => pattern.test(path));
  assert.deepEqual(
    paths(silent).filter((path) => !isListed(path)),
    [],
  );
  const idle = others.filter(([pattern]) => !paths(silent).some((path) => pattern.test(path)));
  assert.deepEqual(idle, []);
});
